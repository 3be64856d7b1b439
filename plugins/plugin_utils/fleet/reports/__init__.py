# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run looks like for people and for programs: a page, JUnit XML, JSON. fleet/report.py is the way in."""
