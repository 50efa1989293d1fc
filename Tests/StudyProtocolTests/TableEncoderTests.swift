import StudyProtocol
import Testing

@Suite struct TableEncoderTests {
  private func study(_ preprocessing: String) throws -> Study {
    try Study(
      yaml: heartSketch.replacing(
        "range: [0, 120]}",
        with: "range: [0, 120], required: \(preprocessing.contains("impute") ? "false" : "true")}"
      )
      .replacing(
        "  - {name: sex",
        with:
          "  - {name: pain, kind: category, role: input, values: {a: typical, b: atypical, c: none}}\n  - {name: sex"
      )
      .replacing("model:", with: "preprocessing: [\(preprocessing)]\nmodel:"))
  }

  private func record(_ age: Double?, pain: Int?, sex: Int) -> Record {
    Record(
      group: "",
      values: [
        "age": age.map(Record.Value.number) ?? .missing, "pain": pain.map(Record.Value.category) ?? .missing,
        "sex": .category(sex),
      ], place: "")
  }

  private var training: [Record] {
    [
      record(30, pain: 0, sex: 0), record(50, pain: 2, sex: 1), record(70, pain: 2, sex: 1),
      record(nil, pain: nil, sex: 1),
    ]
  }

  @Test func columnsAreNumbersAndIndicators() throws {
    let encoder = TableEncoder(study: try study(""), training: training)
    #expect(encoder.columns == ["age", "pain=typical", "pain=atypical", "pain=none", "sex"])
    #expect(encoder.encode(record(42, pain: 1, sex: 1)) == [42, 0, 1, 0, 1])
  }

  @Test(arguments: [
    ("{impute: {method: median}}", [50, 0, 0, 1, 1] as [Float]),
    ("{impute: {method: mean}}", [50, 0, 0, 1, 1]),
    ("{impute: {method: zero}}", [0, 0, 0, 0, 1]),
    ("{impute: {method: constant, value: 60}}", [60, 0, 0, 0, 1]),
  ])
  func imputation(step: String, expected: [Float]) throws {
    let encoder = TableEncoder(study: try study(step), training: training)
    #expect(encoder.encode(record(nil, pain: nil, sex: 1)) == expected)
  }

  @Test func fillsInTheMiddleOfTheRangeWithoutAnyValue() throws {
    let encoder = TableEncoder(
      study: try study("{impute: {method: median}}"), training: [record(nil, pain: nil, sex: 0)])
    #expect(encoder.encode(record(nil, pain: nil, sex: 0)) == [60, 0, 0, 0, 0])
  }

  @Test(arguments: [
    // Mean and population standard deviation of 30, 50, 70 and the imputed 50 are 50 and √200.
    ("z-score, using: site", 1.414_213_6 as Float), ("range, using: site", 1 as Float),
    ("range, using: elements", 0.583_333_3 as Float),
  ])
  func standardisation(method: String, expected: Float) throws {
    let encoder = TableEncoder(
      study: try study("{impute: {method: mean}}, {standardise: {method: \(method)}}"), training: training)
    #expect(abs(encoder.encode(record(70, pain: 0, sex: 0))[0] - expected) < 1e-6)
  }

  @Test func constantColumnDoesNotDivideByZero() throws {
    for method in ["z-score", "range"] {
      let encoder = TableEncoder(
        study: try study("{standardise: {method: \(method)}}"), training: [record(50, pain: 0, sex: 0)])
      #expect(encoder.encode(record(50, pain: 0, sex: 0))[0] == 0)
    }
  }
}
