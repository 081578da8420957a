import {escapedHtml} from '../html.js'

/** The language of the dashboard; the error page differs, answers in JSON do not (contracts/nezha.md 1.1). */
export type Language = 'zh-CN' | 'en-US'

/**
 * The page for unknown paths and wrong methods. Its words and the version in its footer are what
 * clients tell a v0 dashboard by (contracts/nezha.md 1.1, 3.7); its markup is the sandbox's own,
 * with the product's name in a link as there.
 */
export function notFoundPage(version: string, brand: string, language: Language): string {
  const [refused, product] =
    language === 'zh-CN' ? ['访问被拒绝', '哪吒监控'] : ['Access Denied', 'Nezha Monitoring']
  return `<!DOCTYPE html>
<html lang="${language}">
<head><meta charset="UTF-8"><title>该页面不存在 - ${escapedHtml(brand)}</title></head>
<body>
<h2>${refused}</h2>
<p>该页面内容可能已着陆火星</p>
<footer>${escapedHtml(brand)} | <small>Powered by <a href="https://github.com/naiba/nezha">${product}</a> ${version}</small></footer>
</body>
</html>
`
}
