"""Writes the reference files of NIfTIFileTests with nibabel 5.4.2; run in this folder."""

import nibabel
import numpy


def write(name, dtype, step, origin):
    affine = numpy.diag([*step, 1.0])
    affine[:3, 3] = origin
    voxels = numpy.arange(24, dtype=dtype).reshape((4, 3, 2), order="F")
    image = nibabel.Nifti1Image(voxels, affine)
    image.header.set_xyzt_units("mm")
    image.header.set_sform(affine, code=1)
    image.header.set_qform(affine, code=1)
    image.header.set_slope_inter(1, 0)
    # nibabel leaves the fourth and later pixel sizes at 1, and so do we.
    nibabel.save(image, name)


write("int16.nii", numpy.int16, [1.5, 2, 5.5], [-2.25, -2, 10])
write("uint8-radiological.nii", numpy.uint8, [-1.5, 2, 5.5], [2.25, -2, 10])
