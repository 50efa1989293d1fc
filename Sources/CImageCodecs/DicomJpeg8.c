#include <stdio.h>
// jpeglib.h needs stdio.h before it.
#include <gdcmjpeg/8/jpeglib.h>

#include <gdcmjpeg/8/jerror.h>

#define DECODE codec_dicom_jpeg8
#include "DicomJpeg.h"
