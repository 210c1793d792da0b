"""The processes in which answers run.

    provisioner       kernels from a fork-server, for whatever uses jupyter_client; fork_server, fork_line: the server
    forked_kernel     between birth by fork and life as a kernel; confined_kernel, graded_kernel: the same, started cold
    watched_kernel    nbval's kernel, with an eye on it; unheard_kernel: without what serves people
"""
