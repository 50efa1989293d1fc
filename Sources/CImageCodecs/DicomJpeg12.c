#include <stdio.h>
// jpeglib.h needs stdio.h before it.
#include <gdcmjpeg/12/jpeglib.h>

#include <gdcmjpeg/12/jerror.h>

#define DECODE codec_dicom_jpeg12
#include "DicomJpeg.h"
