import Testing

@testable import ConsiliumCommands

struct FolderListingTests {
  @Test func listsSeriesWithReasonsWhyTheyAreUnusable() throws {
    let json = """
      {"folder":"/d","leftAside":[{"count":4,"files":["a.txt","b.txt","c.txt"],"folder":".","kind":"text"},
      {"count":1,"files":["PR1"],"folder":"p1/ct","kind":"a presentation state (PR)"}],
      "series":[{"files":6,"firstFile":"1.dcm","folder":"p1/ct","kind":"volume","modality":"CT","orientation":"LPS",
      "size":[24,20,6],"spacing":[0.5,0.5,3.0001]},{"files":12,"firstFile":"1.dcm","folder":"p2","kind":"unusable",
      "problem":"2.dcm: lies at the same position as 1.dcm"}]}
      """
    #expect(
      FolderListing(json: json)?.text == """
        /d: 2 series of DICOM images in 2 folders

        folder or file  kind      modality    files  size         spacing in mm  runs to
        p1/ct           volume    CT          6      24 × 20 × 6  0.5 × 0.5 × 3  LPS
        p2              unusable  not stated  12                                          not usable

        Not usable:
          p2: 2.dcm: lies at the same position as 1.dcm

        Skipped:
          a.txt, b.txt, c.txt and 1 more: text
          p1/ct/PR1: a presentation state (PR)
        """)
  }

  @Test func similarPicturesAreOneLine() throws {
    let picture = { (file: String, size: String) in
      #"{"files":1,"firstFile":"\#(file)","folder":".","kind":"picture","modality":"DX","size":[\#(size)]}"#
    }
    let json =
      #"{"folder":"/d","leftAside":[],"series":["#
      + [picture("a", "9,8"), picture("b", "9,8"), picture("c", "7,8")].joined(separator: ",") + "]}"
    #expect(
      FolderListing(json: json)?.text == """
        /d: 3 series of DICOM images in 1 folder

        folder or file  kind      modality  files  size   spacing in mm  runs to
        this folder     pictures  DX        2      9 × 8  not stated
        c               picture   DX        1      7 × 8  not stated
        """)
  }

  @Test func singleImageIsNotAListing() {
    #expect(FolderListing(json: #"{"format":"DICOM","shape":[2,3]}"#) == nil)
  }
}
