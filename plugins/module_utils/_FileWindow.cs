// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

using ansible_collections.comindware.platform.plugins.module_utils._Disk;
using ansible_collections.comindware.platform.plugins.module_utils._Failure;
using System;
using System.IO;

namespace ansible_collections.comindware.platform.plugins.module_utils._FileWindow
{
    /// <summary>A file as a stream that is read in pieces, so that memory does not grow with it. It is read up to
    /// `End`, which may be moved: then it is a stretch of the file.</summary>
    public class FileWindow : Stream
    {
        private readonly string path;
        private readonly long length;
        private readonly int pieceSize;
        private byte[] piece = new byte[0];
        private long start;
        private long position;

        public FileWindow(string path, long length, int pieceSize)
        {
            this.path = path;
            this.length = End = length;
            this.pieceSize = pieceSize;
        }

        public long End { get; set; }

        /// <summary>What the disk said when it could not be read. Streams on top of this one may keep it to themselves.
        /// </summary>
        public Failure Broken { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, Math.Min(End, length) - position);
            if (count <= 0)
                return 0;
            if (position < start || position >= start + piece.Length)
                ReadPiece();
            int at = (int)(position - start);
            count = Math.Min(count, piece.Length - at);
            Buffer.BlockCopy(piece, at, buffer, offset, count);
            position += count;
            return count;
        }

        private void ReadPiece()
        {
            try
            {
                piece = Disk.ReadPart(path, position, Math.Min(pieceSize, length - position));
                start = position;
            }
            catch (Failure failure)
            {
                Broken = failure;
                throw;
            }
        }

        /// <summary>So many bytes, or fewer where the stream ends.</summary>
        public byte[] Take(int count)
        {
            byte[] taken = new byte[count];
            int filled = 0;
            for (int got = 1; got > 0 && filled < count; filled += got)
                got = Read(taken, filled, count - filled);
            Array.Resize(ref taken, filled);
            return taken;
        }

        public override long Position
        {
            get { return position; }
            set { position = value; }
        }

        public override long Length
        {
            get { return length; }
        }

        public override bool CanRead
        {
            get { return true; }
        }

        public override bool CanSeek
        {
            get { return true; }
        }

        public override bool CanWrite
        {
            get { return false; }
        }

        public override long Seek(long offset, SeekOrigin origin)
        {
            long from = origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? position : length;
            return position = from + offset;
        }

        public override void Flush()
        {
        }

        public override void SetLength(long value)
        {
            throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            throw new NotSupportedException();
        }
    }
}
