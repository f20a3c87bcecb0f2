# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Text and images from files. Files are untrusted: nothing in them is run or fetched."""

import codecs
import io

from PIL import Image

from odoo.tools.image import image_process

from .. import compat

# Text types whose MIME type does not begin with text/.
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
# Formats that clients can show, by Pillow's name. Others are converted to one of these.
SHOWN_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
# The decoders allowed for untrusted files. One of Pillow's others starts a program. Odoo loads only a few.
DECODED = ("PNG", "JPEG", "GIF", "BMP")
# Odoo's own limit (odoo.tools.image): a few bytes can declare an image of gigabytes.
MOST_PIXELS = 50_000_000
# The longest side that clients' models accept.
LONGEST_SIDE = 8000
# Longest sides, tried in this order until an image is small enough. Models see no more than the first.
SIDES = (1568, 1024, 768, 512, 256)


class TooManyPixels(Exception):
    """An image that is too large to decode."""


def is_text(mimetype):
    """Whether files of this type are text. Web pages and drawings are, too; they are shown as their source."""
    return mimetype.startswith("text/") or mimetype in TEXT_TYPES or mimetype.endswith(("+xml", "+json"))


def decoded(raw):
    """Return the text in ``raw``, or None when it is not text.

    Text that is not UTF-8 and has no byte order mark is read in Windows' Western encoding, as spreadsheets write it.
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
    """Return ``(format, width, height)`` from the header of an image, or None when it is not a decodable image.

    :raises TooManyPixels: for an image above the pixel limit, however small its file
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
        # Decoders raise various errors on a broken file.
        return None
    if width * height > MOST_PIXELS:
        raise TooManyPixels
    return kind, width, height


def _is_whole(raw):
    """Whether an image can be decoded completely: clients fail on one that cannot."""
    try:
        with Image.open(io.BytesIO(raw), formats=DECODED) as image:
            # Odoo lets Pillow load truncated images; this verifies every checksum.
            image.verify()
        with Image.open(io.BytesIO(raw), formats=DECODED) as image:
            image.load()
    except Exception:
        return False
    return True


def shown_image(raw, most_bytes):
    """Return ``(bytes, MIME type, width, height, scaled)`` of an image within ``most_bytes``, or None.

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
        # Odoo does not decode these formats.
        return None
    for side in SIDES:
        try:
            # Odoo converts a GIF without resizing it; the second pass resizes the result.
            raw = made = image_process(raw, size=(side, side), quality=80, output_format="JPEG")
        except Exception:
            # Broken after its header.
            return None
        after = measured(made) if made else None
        if after and after[0] in SHOWN_TYPES and len(made) <= most_bytes:
            return made, SHOWN_TYPES[after[0]], after[1], after[2], True
    return None
