/// How the order parameters q_1..q_L of a deep network enter its kernel (docs/depth.md).
///
/// All three agree for one hidden layer and for linear networks. At q = 1 all are the kernel of infinite width.
public enum DeepTheory: String, Sendable, Codable, CaseIterable {
  /// K_R = sum_l q_l .. q_L B_l: what a layer hands on linearly carries the order parameters of all layers
  /// above the place where it has entered. Derived and checked by sampling.
  case linearPart = "linear-part"
  /// K^l = (q_l/lambda_l) k(K^(l-1)): the order parameter of a layer scales what the next activation sees.
  case nested
  /// K_R = q_1 .. q_L K_L.
  case vanilla
}
