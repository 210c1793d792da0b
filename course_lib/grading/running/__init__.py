"""Notebooks run: to be built, to be checked, to be graded.

    grade           a folder of submissions; grade_one: one of them; mark_book: what is done stays done
    workers         pytest sessions that grade one after another; worker_process: one of them; cluster: on other
                    machines, by a cluster_process beside each of Dask's workers
    nbval_plugin    the graded run; witness: the only API and clock of it, as the author's own run set them
    execution       a notebook from top to bottom; checking: `course check`
"""
