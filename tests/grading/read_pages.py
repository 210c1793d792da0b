"""What stands on a page: its tags, its links, its text, and its tables as lists of rows."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """A page that has been read; reading fails where a tag is not closed."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.links, self.open, self.text, self.tables = [], [], [], "", {}
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in ("meta", "wbr"):
            self.open.append(tag)
        self.links += [value for name, value in attributes if name == "href"]
        if tag == "table":
            self.rows, self.caption = [], ""
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "table":
            self.tables[self.caption] = self.rows

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if "caption" in self.open:
            self.caption += data
        elif {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data.strip("\n")
