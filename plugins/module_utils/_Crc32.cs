// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

namespace ansible_collections.comindware.platform.plugins.module_utils._Crc32
{
    /// <summary>CRC-32 as ZIP has it. .NET Framework has none, and its own ZIP reader does not look at it.</summary>
    public class Crc32
    {
        private static readonly uint[] Table = MakeTable();
        private uint state = 0xFFFFFFFF;

        public uint Value
        {
            get { return ~state; }
        }

        public void Add(byte[] bytes, int count)
        {
            uint now = state;
            for (int at = 0; at < count; at++)
                now = Table[(now ^ bytes[at]) & 0xFF] ^ (now >> 8);
            state = now;
        }

        private static uint[] MakeTable()
        {
            uint[] table = new uint[256];
            for (uint index = 0; index < table.Length; index++)
            {
                uint value = index;
                for (int bit = 0; bit < 8; bit++)
                    value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
                table[index] = value;
            }
            return table;
        }
    }
}
