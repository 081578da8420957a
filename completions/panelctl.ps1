# PowerShell completion for panelctl
Register-ArgumentCompleter -Native -CommandName panelctl -ScriptBlock {
    param($word, $ast, $cursor)
    $words = @($ast.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
    })
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        & panelctl __complete powershell @words "=$word" 2>$null | ForEach-Object {
            $value, $remark = $_ -split [char]9, 2
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $remark)
        }
    } finally {
        [Console]::OutputEncoding = $encoding
    }
}
