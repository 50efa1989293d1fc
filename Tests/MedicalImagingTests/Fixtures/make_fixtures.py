"""Makes the small images next to this script, and expected.json with their expected values.

    pip install numpy scipy nibabel SimpleITK pydicom pillow opencv-python-headless
    python make_fixtures.py

Everything is synthetic. The expected values come from NumPy, SciPy, nibabel, SimpleITK and OpenCV.
"""

import hashlib
import json
import math
import os

import cv2
import nibabel
import numpy as np
import SimpleITK
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from scipy import ndimage

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(7)
expected = {}


def path(name):
    return os.path.join(here, name)


def sha256(array):
    little = array.astype(array.dtype.newbyteorder("<"))
    return hashlib.sha256(np.ascontiguousarray(little).tobytes()).hexdigest()


def numbers(array):
    return [float(f"{value:.8g}") for value in np.asarray(array).ravel()]


# NIfTI. nibabel's arrays are x, y, z; ours are z, y, x, which is the order of the file.
def rotation(degrees):
    a, b = np.radians(degrees), np.radians(degrees / 2)
    about_z = np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    return about_z @ about_x


def nifti(name, data, kind=nibabel.Nifti1Image, endian="<", code="sform", slope=None):
    affine = np.eye(4)
    affine[:3, :3] = rotation(20) @ np.diag([-1.5, 2.0, 3.5])
    affine[:3, 3] = [10, -20, 30]
    header = kind.header_class(endianness=endian)
    header.set_data_dtype(data.dtype.newbyteorder(endian))
    image = kind(data, affine, header)
    image.set_sform(affine if code == "sform" else None, 2 if code == "sform" else 0)
    image.set_qform(affine if code == "qform" else None, 1 if code == "qform" else 0)
    if slope:
        image.header.set_slope_inter(*slope)
    image.to_filename(path(name))
    back = nibabel.load(path(name))
    raw = back.dataobj.get_unscaled()
    last_color = raw.dtype.fields is not None
    if last_color:
        raw = np.stack([raw[f] for f in raw.dtype.names], -1)
        order = np.transpose(raw, (2, 1, 0, 3))
    else:
        order = np.transpose(raw)
    expected.setdefault("nifti", {})[name] = {
        "shape": list(order.shape), "sha256": sha256(order), "affine": numbers(back.affine[:3]),
        "slope": float(back.dataobj.slope), "intercept": float(back.dataobj.inter),
    }


grid = np.arange(5 * 4 * 3).reshape(5, 4, 3)
nifti("little.nii", grid.astype(np.int16))
nifti("big.nii.gz", (grid - 30).astype(np.int16), endian=">", code="qform", slope=(0.5, -3))
nifti("second.nii.gz", (grid / 7).astype(np.float64), kind=nibabel.Nifti2Image)
nifti("second-big.nii", grid.astype(np.uint16), kind=nibabel.Nifti2Image, endian=">", code="qform")
nifti("pair.hdr", grid.astype(np.int32), kind=nibabel.Nifti1Pair)
nifti("time.nii.gz", random.integers(0, 255, (4, 3, 2, 5)).astype(np.uint8))
colour = np.zeros((4, 3, 2), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
for index, channel in enumerate("RGB"):
    colour[channel] = random.integers(0, 255, (4, 3, 2)) // (index + 1)
nifti("rgb.nii", colour)
nifti("unoriented.nii", grid.astype(np.int8), code="none")

# NumPy.
arrays = {
    "u1": random.integers(0, 255, (3, 4)).astype("u1"), "i2": random.integers(-999, 999, (2, 3, 4)).astype("<i2"),
    "i4": random.integers(-9999, 9999, (5,)).astype("<i4"), "i8": random.integers(-99999, 99999, (2, 2)).astype("<i8"),
    "f4": random.normal(size=(3, 2)).astype("<f4"), "f8": random.normal(size=(2, 3)), "b1": random.random((4, 4)) > 0.5,
    "big": random.integers(-999, 999, (2, 5)).astype(">i4"), "bigf": random.normal(size=(2, 2)).astype(">f8"),
    "fortran": np.asfortranarray(random.integers(0, 999, (2, 3, 4)).astype("<u2")),
}
np.savez_compressed(path("deflated.npz"), **arrays)
np.savez(path("stored.npz"), only=arrays["i2"])
np.save(path("fortran.npy"), arrays["fortran"])
expected["numpy"] = {
    name: {"shape": list(a.shape), "sha256": sha256(a.astype("u1") if a.dtype == bool else a)} for name, a in arrays.items()
}

# PNG and JPEG.
y, x = np.mgrid[0:24, 0:32]
photo = np.stack([x * 8, y * 10, 255 - x * 4 - y * 4], -1).astype(np.uint8)
grey16 = (x * 2000 + y * 11).astype(np.uint16)
Image.fromarray(photo).save(path("colour.png"))
Image.fromarray(grey16).save(path("grey16.png"))
Image.fromarray(photo).quantize(16).save(path("palette.png"))
Image.fromarray(photo[..., 0] > 100).save(path("bits.png"))
Image.fromarray(photo).save(path("colour.jpg"), quality=90)
Image.fromarray(photo).save(path("progressive.jpg"), quality=90, progressive=True)
Image.fromarray(photo[..., 0]).save(path("grey.jpg"), quality=90)
expected["raster"] = {}
for name in ["colour.png", "grey16.png", "palette.png", "bits.png", "colour.jpg", "progressive.jpg", "grey.jpg"]:
    image = Image.open(path(name))
    image = image.convert("RGB") if image.mode == "P" else image.convert("L") if image.mode == "1" else image
    decoded = np.asarray(image)
    if decoded.dtype == np.int32:
        decoded = decoded.astype(np.uint16)
    expected["raster"][name] = {"shape": list(decoded.shape), "values": [int(v) for v in decoded.ravel()]}

# An oblique DICOM series with unordered files and a rescale, and one multi-frame file.
series, rows, columns = generate_uid(entropy_srcs=["series"]), 6, 5
row = np.array([math.cos(0.3), math.sin(0.3), 0])
column = np.array([0, 0, -1.0])
normal = np.cross(row, column)
stack = random.integers(-1000, 1000, (4, rows, columns)).astype("<i2")
os.makedirs(path("series"), exist_ok=True)
for place, name in enumerate(["c", "a", "d", "b"]):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["instance", name])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(path("series/" + name), Dataset(), file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.Modality, data.SeriesInstanceUID, data.InstanceNumber = "CT", series, 9 - place
    data.ImageOrientationPatient = [round(float(v), 9) for v in [*row, *column]]
    data.ImagePositionPatient = [round(float(v), 6) for v in np.array([5, 6, 7]) + normal * 2.5 * place]
    data.PixelSpacing, data.SliceThickness = [0.8, 0.7], 2
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns, data.BitsAllocated, data.BitsStored, data.HighBit = rows, columns, 16, 12, 11
    data.PixelRepresentation, data.RescaleSlope, data.RescaleIntercept = 1, 2, -1024
    data.PixelData = stack[place].tobytes()
    data.save_as(path("series/" + name), enforce_file_format=True)
expected["series"] = {
    "shape": [4, rows, columns], "sha256": sha256(stack), "spacing": [0.7, 0.8, 2.5], "origin": [5, 6, 7],
    "x": numbers(row), "y": numbers(column), "z": numbers(normal),
}

# Transforms. Volumes are z, y, x here.
volume = random.normal(100, 20, (6, 7, 5)).astype(np.float32)
picture = random.normal(0, 1, (8, 12)).astype(np.float32)
transforms = {"volume": numbers(volume), "picture": numbers(picture)}
transforms["enlarged"] = numbers(cv2.resize(picture, (19, 13), interpolation=cv2.INTER_LINEAR))
transforms["reduced"] = numbers(cv2.resize(picture, (5, 3), interpolation=cv2.INTER_AREA))

image = SimpleITK.GetImageFromArray(volume)
image.SetSpacing((1.0, 2.0, 3.0))
image.SetOrigin((4, 5, 6))
image.SetDirection(rotation(15).ravel().tolist())
transforms["direction"] = list(image.GetDirection())
transforms["reoriented"] = {}
for code in ["RAS", "LPI", "SAR", "PIL"]:
    turned = SimpleITK.DICOMOrient(image, code)
    transforms["reoriented"][code] = {
        "size": list(reversed(turned.GetSize())), "values": numbers(SimpleITK.GetArrayFromImage(turned)),
        "origin": list(turned.GetOrigin()), "spacing": list(turned.GetSpacing()), "direction": list(turned.GetDirection()),
    }
# Linear onto a finer grid that covers the same space. Beyond the outermost centres, the outermost value is repeated.
size = [10, 14, 18]
spacing = [e * s / n for e, s, n in zip(image.GetSize(), image.GetSpacing(), size)]
shift = [(new - old) / 2 for new, old in zip(spacing, image.GetSpacing())]
origin = image.TransformContinuousIndexToPhysicalPoint([d / s for d, s in zip(shift, image.GetSpacing())])
for name, method in [("linear", SimpleITK.sitkLinear), ("nearest", SimpleITK.sitkNearestNeighbor)]:
    resampler = SimpleITK.ResampleImageFilter()
    resampler.SetSize(size)
    resampler.SetOutputSpacing(spacing)
    resampler.SetOutputOrigin(origin)
    resampler.SetOutputDirection(image.GetDirection())
    resampler.SetInterpolator(method)
    resampler.SetUseNearestNeighborExtrapolator(False)
    resampler.SetDefaultPixelValue(float("nan"))
    fine = SimpleITK.GetArrayFromImage(resampler.Execute(image)).astype(object)
    transforms[name] = {
        "size": list(reversed(size)), "spacing": spacing, "origin": list(origin),
        "values": [None if math.isnan(v) else float(f"{v:.8g}") for v in fine.ravel()],
    }

flat = volume.astype(np.float64)
nonzero = np.where(flat > 90, flat, 0)
inside = nonzero[nonzero != 0]
low, high = np.percentile(flat, [2, 98])
transforms["masked"] = numbers(nonzero)
transforms["normalised"] = {
    "z-score": numbers((flat - flat.mean()) / flat.std()),
    "z-score nonzero": numbers(np.where(nonzero != 0, (nonzero - inside.mean()) / inside.std(), 0)),
    "z-score slice": numbers((flat - flat.mean((1, 2), keepdims=True)) / flat.std((1, 2), keepdims=True)),
    "percentile": numbers(np.clip((flat - low) / (high - low), 0, 1)),
    "window": numbers(np.clip((flat - 80) / 40, 0, 1)),
    "range": numbers((flat - 0) / 255),
}

# Augmentation's resampling: turned by 0.3 about z and magnified 1.2 times, 2-D, spacing 1.
angle, factor = 0.3, 1.2
cosine, sine = math.cos(angle), math.sin(angle)
matrix = np.array([[cosine, -sine], [sine, cosine]]) / factor  # on (y, x)
centre = (np.array(picture.shape) - 1) / 2
for name, order in [("turned", 1), ("turned nearest", 0)]:
    moved = ndimage.affine_transform(
        picture.astype(np.float64), matrix, offset=centre - matrix @ centre, order=order, mode="nearest")
    transforms[name] = numbers(moved)
box = ndimage.affine_transform(
    flat, np.diag([1 / factor] * 3), offset=(np.array(flat.shape) - 1) / 2 * (1 - 1 / factor), order=1, mode="nearest")
transforms["magnified"] = numbers(box)
expected["transforms"] = transforms

with open(path("expected.json"), "w") as file:
    json.dump(expected, file, indent=None, separators=(",", ":"))
