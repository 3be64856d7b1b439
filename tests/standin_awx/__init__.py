# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stand-in of AWX's API, in memory: what the modules of awx.awx read and write when they set up a project, templates and a workflow.

It is stricter than AWX in one thing: a field that AWX does not have is refused, where AWX ignores it. It starts no job.
"""
