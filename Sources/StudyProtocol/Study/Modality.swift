/// The DICOM modality codes (PS3.3, C.7.3.1.1.1), without retired codes.
enum Modality {
  static let codes = [
    "ANN", "AR", "ASMT", "AU", "BDUS", "BI", "BMD", "CFM", "CR", "CT", "CTPROTOCOL", "DG", "DMS", "DOC", "DX",
    "ECG", "EEG", "EMG", "EOG", "EPS", "ES", "FID", "GM", "HC", "HD", "IO", "IOL", "IVOCT", "IVUS", "KER",
    "KO",
    "LEN", "LS", "M3D", "MG", "MR", "NM", "OAM", "OCT", "OP", "OPM", "OPT", "OPTBSV", "OPTENF", "OPV", "OSS",
    "OT", "PA", "PLAN", "POS", "PR", "PT", "PX", "REG", "RESP", "RF", "RG", "RTDOSE", "RTIMAGE", "RTINTENT",
    "RTPLAN", "RTRAD", "RTRECORD", "RTSEGANN", "RTSTRUCT", "RWV", "SEG", "SM", "SMR", "SR", "SRF", "STAIN",
    "TEXTUREMAP", "TG", "US", "VA", "XA", "XAPROTOCOL", "XC",
  ]

  /// Common words for modalities, and their codes.
  private static let words = [
    "mri": "MR", "pet": "PT", "xray": "DX", "x-ray": "DX", "radiography": "DX", "cxr": "DX",
    "ultrasound": "US", "mammography": "MG", "dermoscopy": "DMS", "endoscopy": "ES", "fundus": "OP",
    "photo": "XC", "photography": "XC", "histology": "SM", "pathology": "SM", "wsi": "SM",
    "angiography": "XA",
    "fluoroscopy": "RF", "microscopy": "GM", "spect": "NM", "cbct": "CT", "tomography": "CT",
  ]

  /// The sentence ` Did you mean 'MR'?`, or an empty text if no code is similar.
  static func hint(for name: String) -> String {
    if let code = words[name.lowercased()] { return " Did you mean '\(code)'?" }
    return NearestName.hint(for: name, among: codes)
  }
}
