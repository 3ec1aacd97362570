"""This file owns a page of docs/ as tests see it: its sections, and the blocks of commands and programs in them."""

import re

from daemon import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)


class Page:
    def __init__(self, text):
        self.text = text

    @classmethod
    def named(cls, path):
        return cls((ROOT / path).read_text())

    def section(self, title):
        """What stands under a heading, up to the next one of its level or above."""
        lines, level, is_fenced = [], 0, False
        for line in self.text.splitlines(keepends=True):
            is_fenced ^= line.startswith("```")
            heading = None if is_fenced else re.match(r"(#+) (.*)\n", line)
            if heading and level and len(heading[1]) <= level:
                break
            if level:
                lines.append(line)
            elif heading and heading[2] == title:
                level = len(heading[1])
        if not level:
            raise KeyError(title)
        return Page("".join(lines))

    def blocks(self, language="sh"):
        return [text for name, text in BLOCK.findall(self.text) if name == language]

    def anchors(self):
        """What links may name after a #, as GitHub makes it of headings."""
        plain = re.sub(BLOCK, "", self.text)
        titles = re.findall(r"^#+ (.*)$", plain, re.M)
        return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}

    def links(self):
        """The relative ones, as (path, anchor); either may be empty."""
        plain = re.sub(BLOCK, "", self.text)
        found = re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", plain)
        return [(path, anchor) for path, anchor in found if not re.match(r"\w+:", path)]
