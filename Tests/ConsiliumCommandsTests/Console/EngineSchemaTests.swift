import FederatedRuntime
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

/// The output with `--json` of commands that read images and train must match `Documentation/Schemas` down to
/// the last key.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: WorkerConfiguration.besideThisProgram().path)),
  .serialized)
struct EngineSchemaTests {
  private func field(_ path: String) -> String {
    URL(filePath: #filePath).appending(path: "../../../SiteTrainingTests/Fixtures/Field/\(path)")
      .standardizedFileURL.path
  }

  /// Runs a command that must succeed, and checks its lines against a schema.
  @discardableResult
  private func expect(
    _ arguments: [String], _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [Substring] {
    let printed = await consilium(arguments + ["--json"])
    let lines = printed.out.split(separator: "\n")
    #expect(!lines.isEmpty, "\(printed.err)", sourceLocation: sourceLocation)
    let schema = try JSONSchema(name)
    for line in lines {
      #expect(try schema.faults(in: line) == [], "\(line.prefix(2000))", sourceLocation: sourceLocation)
    }
    return lines
  }

  @Test(arguments: [
    ("series/reports_beside", "leftAside"), ("series", "problem"),
    ("series/reports_beside/series", "leftAside"),
    ("dicom-numbers/decimal_comma/ok", "sopClass"), ("nifti-geometry/units/micron.nii.gz", "encoding"),
    ("nifti-geometry/files/no_form.nii", "voxelSize"), ("photometric/palette_file/palette.dcm", "training"),
  ])
  func inspectedImagesAndFoldersAreAsDocumented(path: String, key: String) async throws {
    let lines = try await expect(["data", "inspect", field(path)], "data-inspect")
    #expect(lines.count == 1 && lines[0].contains("\"\(key)\":"))
  }

  @Test func dataChecksMatchTheirSchemas() async throws {
    let images = field("image-quality/constant/study.yaml")
    let checked = try await expect(["data", "check", images], "data-check")
    #expect(checked.contains { $0.contains(#""event":"caution""#) })
    #expect(checked.contains { $0.contains(#""facts":"#) })
    try await expect(["data", "index", images], "data-index")
    let masks = field("labels/value_255/study.yaml")
    let shown = try await expect(["data", "check", masks, "--show-values"], "data-check")
    #expect(shown.contains { $0.contains(#""values":["255"]"#) })
    try await expect(["data", "stats", field("tables/case_of_ids/study.yaml")], "data-stats")
    try await expect(["study", "statistics", Fixtures.file("clinic/study.yaml")], "study-statistics")
  }

  @Test func runAndReportMatchTheirSchemas() async throws {
    try await withTemporaryFolder { folder in
      let run = folder.appending(path: "run").path
      let study = field("tables/case_of_ids/study.yaml")
      let events = try await expect(["simulate", study, "--out", run], "simulate")
      for event in ["site-checked", "round-committed", "model-tested", "report-written", "finished"] {
        #expect(events.contains { $0.contains("\"event\":\"\(event)\"") }, "\(event)")
      }
      let report = try await expect(["report", run], "report")
      #expect(report.count == 1 && report[0].contains(#""cautions":"#))
      let model = URL(filePath: run).appending(path: "models/fedavg.safetensors").path
      try await expect(["model", "inspect", model], "model-inspect")
    }
  }
}
