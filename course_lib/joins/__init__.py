"""What a join is made of; `aggregation` puts it together.

    parts        one call's answer, how it is read, and what a union says about an entry
    similarity   which entries are the same, word for word or nearly
    merging      several records become one; who contradicts whom
"""
