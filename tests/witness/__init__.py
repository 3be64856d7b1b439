# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A second Windows: Microsoft's .NET, PowerShell and C# compiler for Windows under Wine. See README.md."""
