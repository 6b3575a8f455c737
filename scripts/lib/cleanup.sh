# Sourced by scripts/test and scripts/demo: leaves nothing behind, and touches nothing of others.
#
# Whatever we start carries LASTACK_TEST_RUN in its environment. Namespaces, DPDK's run-time folders
# and what lies in /tmp are named lastack-PID..., after the process that made them (a test, not this
# script): they are removed when that process is gone, so that two runs on one machine leave each
# other alone.

processes_of_this_run() (
    mark="LASTACK_TEST_RUN=$LASTACK_TEST_RUN"
    unset LASTACK_TEST_RUN # so that the two below do not find themselves
    grep -lzxF "$mark" /proc/[0-9]*/environ 2>/dev/null | sed 's|[^0-9]||g'
)

owner_is_gone() {
    [[ $1 =~ ^lastack-([0-9]+) ]] && [[ ! -d /proc/${BASH_REMATCH[1]} ]]
}

clean_up_after_the_dead() {
    local path
    for path in /run/netns/lastack-* /var/run/dpdk/lastack-* /tmp/lastack-*; do
        [[ -O $path ]] && owner_is_gone "${path##*/}" || continue
        case $path in
            /run/netns/*) ip netns delete "${path##*/}" || true ;;
            *) rm -rf "$path" ;;
        esac
    done
}

# Asks first, and insists after two seconds.
end_processes_of_this_run() {
    local pids try
    for try in TERM - - - - KILL; do
        mapfile -t pids < <(processes_of_this_run)
        [[ $try == - ]] || for pid in "${pids[@]}"; do kill "-$try" "$pid" 2>/dev/null || true; done
        [[ -n $(processes_of_this_run) ]] || return 0
        sleep 0.5
    done
}

clean_up() {
    trap '' INT TERM HUP
    end_processes_of_this_run
    clean_up_after_the_dead
}
