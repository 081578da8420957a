# fish completion for panelctl
function __panelctl_completes
    set -l typed (commandline -opc)
    set -g __panelctl_reply (panelctl __complete fish $typed[2..-1] (commandline -ct) 2>/dev/null </dev/null)
    test $status -ne 10
end
complete -c panelctl -n __panelctl_completes -f -a '$__panelctl_reply'
