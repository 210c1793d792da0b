"""The processes in which answers run.

    provisioner       kernels from a fork-server, for whatever uses jupyter_client; fork_server, fork_line: the server
    confined_kernel   a graded kernel, started cold; unheard_kernel: without what serves people
    watched_kernel    nbval's kernel, with an eye on it
"""
