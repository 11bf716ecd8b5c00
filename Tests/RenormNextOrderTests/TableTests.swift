import LinearAlgebra
import Renorm
import RenormFiles
import RenormNextOrder
import Testing

@Suite(.slow("many draws on MNIST"), .needsData) struct TableTests {
  @Test func trial() throws {
    let c = ContinuousClock()
    for (digits, width, architecture, activation, t, draws) in [
      ((0, 1), 100, FullyConnected() as any Architecture, Erf() as any Activation, 0.02, 40000),
      ((3, 8), 100, FullyConnected(), Erf(), 0.02, 40000),
      ((3, 8), 60, Convolutional(mask: Extent(7)), Erf(), 0.02, 20000),
      ((0, 1), 30, LocallyConnected(mask: Extent(7)), Erf(), 0.02, 20000),
      ((0, 1), 100, FullyConnected(), ReLU(), 0.02, 20000),
      ((3, 8), 10, Convolutional(mask: Extent(7)), Linear(), 0.05, 20000),
      ((3, 8), 5, FullyConnected(), Linear(), 0.05, 20000),
    ] {
      let data = try PublishedProblem.load(digits.0, digits.1)
      let test = data.test
      let network = try Network(
        architecture: architecture, activation: activation, width: .finite(width), temperature: t)
      let posterior = try network.fit(data.train)
      let y = test.targets.column(0)
      var result: NextOrder?
      let time = try c.measure {
        result = try NextOrder(
          posterior, points: test.inputs, targets: y, options: NextOrderOptions(draws: draws))
      }
      let next = try #require(result)
      print(digits, width, architecture.name, activation.name, "time", time)
      print("  delta", next.delta, "sigma", next.sigma, next.trust as Any, next.standardErrors as Any, next.omitted)
      for r in [next.leading, next.mixture, next.corrected] {
        let s = r.prediction.scores(targets: test.targets, isClassification: false)
        print("  ", r.orderParameter.diagonal, s.bias, s.variance, r.logEvidence)
      }
    }
  }
}
