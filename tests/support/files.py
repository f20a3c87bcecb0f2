"""Generates files: images that compression does not shrink, PDF files, and decompression bombs of both."""

import random
import struct
import zlib


def png(width, height, rows=None):
    """A gray PNG of this size. Without `rows`, the file has only the size and no pixel data."""
    data = b"".join(b"\0" + row for row in rows) if rows else b"\0" * 1000

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def noise(width, height):
    """A PNG that compression does not shrink."""
    dice = random.Random(7)
    return png(width, height, [dice.randbytes(width) for _ in range(height)])


def pdf(*pages, packed=None):
    """A PDF with one page per text. With `packed`, the compressed content of its only page."""
    contents = [f"BT /F1 12 Tf 72 720 Td ({page}) Tj ET".encode() for page in pages]
    streams = [b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content) for content in contents]
    if packed:
        streams = [b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)]
    kids = b" ".join(b"%d 0 R" % (4 + 2 * at) for at in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(streams)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for at, stream in enumerate(streams):
        font = b"/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 612 792]"
        objects.append(b"<< /Type /Page /Parent 2 0 R %s /Contents %d 0 R >>" % (font, 5 + 2 * at))
        objects.append(stream)
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + end


def packed_zeros(megabytes):
    """Many zeros, compressed to a thousandth of their size."""
    packer, block = zlib.compressobj(), bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()
