"""Who handed in what, whatever the collection's layout.

    handed_in     one entry per student and exercise, and which of several counts
    gathering     where the files are: found_files, zipped
    owners        whose file it is, and which exercise; lms_names: what platforms tell; recognising: what answer cells tell
    safe_names    any student's name as a file's name
"""
