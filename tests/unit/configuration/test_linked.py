# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import differences


def test_what_changes_for_an_instance_through_its_links() -> None:
    assert differences("Agent.config", "<a>\r\n  <b/>\r\n</a>\r\n", "<a>\n  <c/>\n</a>\n") == (
        "--- Agent.config (old version)\n+++ Agent.config (new version)\n@@ -1,3 +1,3 @@\n <a>\n-  <b/>\n+  <c/>\n </a>"
    )


def test_line_ends_alone_are_no_difference() -> None:
    assert differences("Agent.config", "<a>\r\n</a>\r\n", "<a>\n</a>\n") is None
