import FederatedCore

/// A request or a reply. Its number connects a reply with the request that it answers.
public struct WorkerMessage<Body: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
  public var id: Int
  public var body: Body

  public init(id: Int, body: Body) {
    self.id = id
    self.body = body
  }

  private enum Key: String, CodingKey { case id }

  public init(from decoder: any Decoder) throws {
    id = try decoder.container(keyedBy: Key.self).decode(Int.self, forKey: .id)
    body = try Body(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(id, forKey: .id)
    try body.encode(to: encoder)
  }
}

extension WorkerRequest: Codable {
  private enum Key: String, CodingKey { case ask }
  private enum Ask: String, Codable {
    case hello, open, initialise, train, resume, evaluate, summarise, measure, inspect, close
    case openMiddle = "open-middle"
    case stepMiddle = "step-middle"
    case drawPanels = "draw-panels"
    case tryOut = "try-out"
  }

  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: Key.self).decode(Ask.self, forKey: .ask) {
    case .hello: self = .hello(try Hello(from: decoder))
    case .open: self = .open(try OpenSession(from: decoder))
    case .tryOut: self = .tryOut(try TryOut(from: decoder))
    case .initialise: self = .initialise(try InitialiseModel(from: decoder))
    case .train: self = .train(try TrainModel(from: decoder))
    case .resume: self = .resume(try ResumeTraining(from: decoder))
    case .openMiddle: self = .openMiddle(try OpenMiddle(from: decoder))
    case .stepMiddle: self = .stepMiddle(try StepMiddle(from: decoder))
    case .evaluate: self = .evaluate(try EvaluateModel(from: decoder))
    case .drawPanels: self = .drawPanels(try DrawPanels(from: decoder))
    case .summarise: self = .summarise(try SummariseData(from: decoder))
    case .measure: self = .measure(try MeasureModel(from: decoder))
    case .inspect: self = .inspect(try InspectFile(from: decoder))
    case .close: self = .close(try CloseSession(from: decoder))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    let (ask, body): (Ask, any Encodable) =
      switch self {
      case .hello(let body): (.hello, body)
      case .open(let body): (.open, body)
      case .tryOut(let body): (.tryOut, body)
      case .initialise(let body): (.initialise, body)
      case .train(let body): (.train, body)
      case .resume(let body): (.resume, body)
      case .openMiddle(let body): (.openMiddle, body)
      case .stepMiddle(let body): (.stepMiddle, body)
      case .evaluate(let body): (.evaluate, body)
      case .drawPanels(let body): (.drawPanels, body)
      case .summarise(let body): (.summarise, body)
      case .measure(let body): (.measure, body)
      case .inspect(let body): (.inspect, body)
      case .close(let body): (.close, body)
      }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(ask, forKey: .ask)
    try body.encode(to: encoder)
  }
}

extension WorkerReply: Codable {
  private enum Key: String, CodingKey { case reply, value }
  private enum Kind: String, Codable {
    case hello, opened, initialised, trained, exchange, evaluated, summarised, measured, inspected, closed,
      progress, failed
    case middleOpened = "middle-opened"
    case middleStepped = "middle-stepped"
    case panelsDrawn = "panels-drawn"
    case triedOut = "tried-out"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func value<Value: Decodable>() throws -> Value { try container.decode(Value.self, forKey: .value) }
    switch try container.decode(Kind.self, forKey: .reply) {
    case .hello: self = .hello(try value())
    case .opened: self = .opened(try value())
    case .triedOut: self = .triedOut(try value())
    case .initialised: self = .initialised(try value())
    case .trained: self = .trained(try value())
    case .exchange: self = .exchange(try value())
    case .middleOpened: self = .middleOpened
    case .middleStepped: self = .middleStepped(try value())
    case .evaluated: self = .evaluated(try value())
    case .panelsDrawn: self = .panelsDrawn(try value())
    case .summarised: self = .summarised(try value())
    case .measured: self = .measured(try value())
    case .inspected: self = .inspected(try value())
    case .closed: self = .closed
    case .progress: self = .progress(try value())
    case .failed: self = .failed(try value())
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    func put(_ kind: Kind, _ value: some Encodable) throws {
      try container.encode(kind, forKey: .reply)
      try container.encode(value, forKey: .value)
    }
    switch self {
    case .hello(let value): try put(.hello, value)
    case .opened(let value): try put(.opened, value)
    case .triedOut(let value): try put(.triedOut, value)
    case .initialised(let value): try put(.initialised, value)
    case .trained(let value): try put(.trained, value)
    case .exchange(let value): try put(.exchange, value)
    case .middleOpened: try container.encode(Kind.middleOpened, forKey: .reply)
    case .middleStepped(let value): try put(.middleStepped, value)
    case .evaluated(let value): try put(.evaluated, value)
    case .panelsDrawn(let value): try put(.panelsDrawn, value)
    case .summarised(let value): try put(.summarised, value)
    case .measured(let value): try put(.measured, value)
    case .inspected(let value): try put(.inspected, value)
    case .closed: try container.encode(Kind.closed, forKey: .reply)
    case .progress(let value): try put(.progress, value)
    case .failed(let value): try put(.failed, value)
    }
  }
}
