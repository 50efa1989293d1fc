/// Modules that run one after another. By default, their names are "0", "1" and so on.
public struct Sequential: Module {
  public let children: Children

  public init(_ modules: [any Module]) {
    children = Children(modules.enumerated().map { (String($0.offset), $0.element) })
  }

  public init(_ modules: any Module...) { self.init(modules) }

  public init(named children: Children) { self.children = children }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    var output = input
    for child in children.modules { output = try child.module(output, mode) }
    return output
  }
}
