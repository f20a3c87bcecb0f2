# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What files hold, for a reader of texts and images. Files come from strangers: nothing in them is run or fetched."""

import codecs
import io

from PIL import Image

from odoo.tools.image import image_process

from . import compat

# Texts that do not say so by their type.
TEXT_TYPES = {
    "application/ecmascript",
    "application/javascript",
    "application/json",
    "application/rtf",
    "application/sql",
    "application/toml",
    "application/x-ndjson",
    "application/x-sh",
    "application/x-yaml",
    "application/xhtml+xml",
    "application/xml",
    "application/yaml",
    "message/rfc822",
}
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What clients can show, by Pillow's name. Others are made into one of these.
SHOWN_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
# No other decoder of Pillow's is let near a stranger's file: one of them starts a program. Odoo loads few of them.
DECODED = ("PNG", "JPEG", "GIF", "BMP")
# As Odoo's own limit (odoo.tools.image): a few bytes can say that they are an image of gigabytes.
MOST_PIXELS = 50_000_000
# A side that clients' models still take.
LONGEST_SIDE = 8000
# Longest sides in the order in which they are tried until an image is small enough. Models see no more than the first.
SIDES = (1568, 1024, 768, 512, 256)


class TooManyPixels(Exception):
    """An image that nobody should decode."""


def is_text(mimetype):
    """Whether files of this type are texts: web pages and drawings, too, which are shown as their source."""
    return mimetype.startswith("text/") or mimetype in TEXT_TYPES or mimetype.endswith(("+xml", "+json"))


def decoded(raw):
    """The text in ``raw``, or None when it is none.

    What is no UTF-8 and has no byte order mark is taken for Windows' Western alphabet, as spreadsheets write it.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                return None
    if b"\0" in raw:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def measured(raw):
    """``(format, width, height)`` of an image as its first bytes say, or None when it is none that is decoded here.

    :raises TooManyPixels: whatever its bytes
    """
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        size = compat.webp_size(raw)
        return ("WEBP", *size) if size else None
    try:
        with Image.open(io.BytesIO(raw), formats=DECODED) as image:
            kind, (width, height) = image.format, image.size
    except Image.DecompressionBombError:
        raise TooManyPixels from None
    except Exception:
        # Whatever a decoder makes of a broken file.
        return None
    if width * height > MOST_PIXELS:
        raise TooManyPixels
    return kind, width, height


def _is_whole(raw):
    """Whether an image can be decoded to its end: clients fail over one that cannot."""
    try:
        with Image.open(io.BytesIO(raw), formats=DECODED) as image:
            # Odoo lets Pillow load what is cut off; this looks at every checksum.
            image.verify()
        with Image.open(io.BytesIO(raw), formats=DECODED) as image:
            image.load()
    except Exception:
        return False
    return True


def shown_image(raw, most_bytes):
    """``(bytes, MIME type, width, height, scaled)`` of an image in at most ``most_bytes``, or None when that cannot be.

    :raises TooManyPixels: as :func:`measured`
    """
    found = measured(raw)
    if found is None:
        return None
    kind, width, height = found
    if kind in SHOWN_TYPES and len(raw) <= most_bytes and max(width, height) <= LONGEST_SIDE:
        whole = kind == "WEBP" or _is_whole(raw)
        return (raw, SHOWN_TYPES[kind], width, height, False) if whole else None
    if kind == "WEBP":
        # Odoo does not decode these.
        return None
    for side in SIDES:
        try:
            # Odoo makes a GIF into another image but not smaller: the second time it is none any more.
            raw = made = image_process(raw, size=(side, side), quality=80, output_format="JPEG")
        except Exception:
            # Broken behind its first bytes.
            return None
        after = measured(made) if made else None
        if after and after[0] in SHOWN_TYPES and len(made) <= most_bytes:
            return made, SHOWN_TYPES[after[0]], after[1], after[2], True
    return None
