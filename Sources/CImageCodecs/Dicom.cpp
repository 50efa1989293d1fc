#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "gdcmFragment.h"
#include "gdcmImage.h"
#include "gdcmSequenceOfFragments.h"
#include "gdcmTrace.h"

#include "DicomCodecs.h"
#include "Guard.hpp"

namespace {

// GDCM prints diagnostics to a stream that it chooses. Silence them: the status says all that matters.
void silence() {
  static std::once_flag once;
  std::call_once(once, [] {
    gdcm::Trace::DebugOff();
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
  });
}

gdcm::Image describe(const codec_frame &frame, const uint8_t *codestream, size_t length) {
  gdcm::Fragment fragment;
  fragment.SetByteValue(reinterpret_cast<const char *>(codestream), static_cast<uint32_t>(length));
  gdcm::SmartPointer<gdcm::SequenceOfFragments> fragments = new gdcm::SequenceOfFragments;
  fragments->AddFragment(fragment);
  gdcm::DataElement element(gdcm::Tag(0x7FE0, 0x0010));
  element.SetValue(*fragments);

  gdcm::Image image;
  image.SetNumberOfDimensions(2);
  const unsigned int dimensions[] = {frame.columns, frame.rows, 1};
  image.SetDimensions(dimensions);
  image.SetDataElement(element);
  image.SetPhotometricInterpretation(gdcm::PhotometricInterpretation(
      gdcm::PhotometricInterpretation::GetPIType(frame.photometric)));
  if (frame.samples > 1) image.SetPlanarConfiguration(frame.planar_configuration);
  image.SetTransferSyntax(gdcm::TransferSyntax(gdcm::TransferSyntax::GetTSType(frame.transfer_syntax)));
  image.SetPixelFormat(gdcm::PixelFormat(
      static_cast<unsigned short>(frame.samples), static_cast<unsigned short>(frame.bits_allocated),
      static_cast<unsigned short>(frame.bits_stored), static_cast<unsigned short>(frame.bits_stored - 1),
      frame.is_signed ? 1 : 0));
  return image;
}


// JPEG-LS, by GDCM with CharLS.
codec_status decode_jpeg_ls(
    const codec_frame &frame, const uint8_t *codestream, size_t length, uint8_t *destination, size_t capacity,
    codec_message *message) {
  silence();
  gdcm::Image image = describe(frame, codestream, length);
  if (image.GetBufferLength() != capacity)
    return codec::report(message, CODEC_MALFORMED, "the size does not agree with the header");
  // The codec writes as much as the codestream holds, even if that exceeds the requested size, so leave room.
  std::vector<char> pixels(capacity + 4096);
  if (!image.GetBuffer(pixels.data()))
    return codec::report(message, CODEC_MALFORMED, "the JPEG-LS data are damaged or of an unsupported kind");
  std::memcpy(destination, pixels.data(), capacity);
  return CODEC_OK;
}

}  // namespace

codec_status codec_dicom_decode(
    const codec_frame *frame, const uint8_t *codestream, size_t length, uint8_t *destination, size_t capacity,
    codec_message *message) {
  return codec::guarded(message, [&] {
    const std::string syntax = frame->transfer_syntax;
    if (size_t{frame->rows} * frame->columns * frame->samples * (frame->bits_allocated / 8) != capacity)
      return codec::report(message, CODEC_MALFORMED, "the size does not agree with the header");
    if (syntax == "1.2.840.10008.1.2.4.90" || syntax == "1.2.840.10008.1.2.4.91")
      return codec_dicom_jpeg2000(frame, codestream, length, destination, message);
    if (syntax == "1.2.840.10008.1.2.4.80" || syntax == "1.2.840.10008.1.2.4.81")
      return decode_jpeg_ls(*frame, codestream, length, destination, capacity, message);
    if (frame->bits_stored <= 8) return codec_dicom_jpeg8(frame, codestream, length, destination, message);
    if (frame->bits_stored <= 12) return codec_dicom_jpeg12(frame, codestream, length, destination, message);
    return codec_dicom_jpeg16(frame, codestream, length, destination, message);
  });
}
