#include <stdio.h>
// jpeglib.h needs stdio.h before it.
#include <gdcmjpeg/16/jpeglib.h>

#include <gdcmjpeg/16/jerror.h>

#define DECODE codec_dicom_jpeg16
#include "DicomJpeg.h"
