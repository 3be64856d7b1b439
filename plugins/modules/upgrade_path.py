# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# This is a stub: the documentation is in upgrade_path.yml, the code is the action plugin of the same name.
