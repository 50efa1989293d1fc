"""Makes small PNG and JPEG pictures of every kind that changes the meaning of a value, with Pillow's reading of them.

    python3 make_pictures.py      # numpy 2.3, Pillow 13.0
"""
import json, os, struct, zlib
import numpy as np
from PIL import Image, ImageOps

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pictures")
ROWS, COLUMNS = 16, 24
random = np.random.default_rng(12)
y, x = np.mgrid[:ROWS, :COLUMNS]
# Smooth, so that JPEG preserves it, and different after every flip and turn.
photo = np.stack([x * 10, y * 15, 255 - x * 5 - y * 8], -1).clip(0, 255).astype(np.uint8)
expected = {}


def path(name): return os.path.join(HERE, name)


def note(name, mode=None, turned=False):
    image = Image.open(path(name))
    image = ImageOps.exif_transpose(image) if turned else image
    decoded = np.asarray(image.convert(mode) if mode else image)
    expected[name] = {"shape": list(decoded.shape), "values": [int(v) for v in decoded.ravel()]}


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(name, header, rows, *others):
    """header: width, height, bits, colour type, interlace; rows: the bytes of the filtered scan lines."""
    width, height, bits, colour, interlace = header
    with open(path(name), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace)))
        for other in others: file.write(chunk(*other))
        file.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


for orientation in range(1, 9):
    exif = Image.Exif(); exif[0x0112] = orientation
    Image.fromarray(photo).save(path(f"exif{orientation}.jpg"), quality=95, exif=exif)
    note(f"exif{orientation}.jpg", turned=True)
exif = Image.Exif(); exif[0x0112] = 6
Image.fromarray(photo).save(path("exif6.png"), exif=exif); note("exif6.png", turned=True)

# Before the eXIf chunk, programs wrote Exif as hexadecimal text.
turned = Image.Exif(); turned[0x0112] = 8
digits = turned.tobytes().hex()
profile = ("\nexif\n%8d\n" % (len(digits) // 2) + "\n".join(digits[i:i + 72] for i in range(0, len(digits), 72)) + "\n").encode()
colour = b"".join(b"\0" + line.tobytes() for line in photo)
for name, keyword, kind, content in [
    ("exif8-text.png", b"Raw profile type exif", b"tEXt", b"\0" + profile),
    ("exif8-compressed.png", b"Raw profile type exif", b"zTXt", b"\0\0" + zlib.compress(profile)),
    ("exif8-international.png", b"Raw profile type exif", b"iTXt", b"\0\1\0\0\0" + zlib.compress(profile)),
]:
    png(name, (COLUMNS, ROWS, 8, 2, 0), colour, (kind, keyword + content))
    note(name, turned=True)

# Programs that edit photographs write the orientation as XMP, as an attribute or an element. Exif takes precedence.
def packet(content):
    return (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/"' + content + b"</rdf:RDF></x:xmpmeta>")


attribute = packet(b' tiff:Orientation="6"/>')
element = packet(b"><tiff:Orientation>8</tiff:Orientation></rdf:Description>")
upright = Image.Exif(); upright[0x0112] = 1
silent = Image.Exif(); silent[0x0131] = "a program"
for name, options in [
    ("xmp6.jpg", {"xmp": attribute}), ("xmp8-silent-exif.jpg", {"xmp": element, "exif": silent}),
    ("xmp6-exif1.jpg", {"xmp": attribute, "exif": upright}),
]:
    Image.fromarray(photo).save(path(name), quality=95, **options); note(name, turned=True)
png("xmp8.png", (COLUMNS, ROWS, 8, 2, 0), colour, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + element))
note("xmp8.png", turned=True)

# Adam7, 16 bits: (first column, first row, step of columns, step of rows) of each pass.
deep = random.integers(0, 65536, (ROWS, COLUMNS)).astype(">u2")
passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
rows = b"".join(b"\0" + line.tobytes() for c, r, dc, dr in passes for line in deep[r::dr, c::dc])
png("interlaced16.png", (COLUMNS, ROWS, 16, 0, 1), rows)
expected["interlaced16.png"] = {"shape": [ROWS, COLUMNS], "values": [int(v) for v in deep.ravel()]}

grey = photo[..., 0]
lines = b"".join(b"\0" + line.tobytes() for line in grey)
png("gamma.png", (COLUMNS, ROWS, 8, 0, 0), lines, (b"gAMA", struct.pack(">I", 100000))); note("gamma.png")
png("transparent-grey.png", (COLUMNS, ROWS, 8, 0, 0), lines, (b"tRNS", struct.pack(">H", 100))); note("transparent-grey.png", "LA")

indices = ((x // 6 + y // 4) % 4).astype(np.uint8)
packed = b"".join(b"\0" + np.packbits(np.unpackbits(line[:, None], axis=1)[:, 6:].ravel()).tobytes() for line in indices)
colours = bytes([0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0])
png("labels.png", (COLUMNS, ROWS, 2, 3, 0), packed, (b"PLTE", colours)); note("labels.png", "RGB")
png("palette-alpha.png", (COLUMNS, ROWS, 2, 3, 0), packed, (b"PLTE", colours), (b"tRNS", bytes([0, 255]))); note("palette-alpha.png", "RGBA")
png("grey-palette.png", (COLUMNS, ROWS, 2, 3, 0), packed, (b"PLTE", bytes([255] * 3 + [0] * 3 + [9] * 3 + [7] * 3))); note("grey-palette.png", "RGB")
png("light-first.png", (COLUMNS, ROWS, 2, 3, 0), packed, (b"PLTE", bytes([255] * 3 + [128, 0, 0] * 3))); note("light-first.png", "RGB")
expected["labels.png as labels"] = {"shape": [ROWS, COLUMNS], "values": [int(v) for v in indices.ravel()]}

Image.fromarray(photo).convert("CMYK").save(path("cmyk.jpg"))
with open(os.path.join(os.path.dirname(HERE), "pictures.json"), "w") as file:
    json.dump(expected, file, separators=(",", ":"))
