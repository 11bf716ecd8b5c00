import CVectorKernels
import GSLNumerics
import Testing

@testable import RenormKernels

/// E[max(0, x - h) max(0, y - k)] of blocks at every level, against an integral over x in 40-digit arithmetic.
@Suite struct RampProductsTests {
  private static let levels = (0..<3).filter { renorm_vector_level_available(.init(UInt32($0))) }

  /// h, k, r and the value.
  private static let references: [(h: Double, k: Double, r: Double, value: Double)] = [
    (0.0, 0.0, -0.11571318249227966, 0.131293346945563173),
    (0.0010006218835927965, 0.001, -0.9876524056260307, 0.000201131124158082243),
    (2.681442336409935, 0.3, -0.925, 1.49118382444261297e-19),
    (0.0, 1.0, 0.996182727859461, 0.158049623650674367),
    (1.0300773698228083, 2.5, 0.3179473695544033, 0.000720047937650772099),
    (6.0, 6.0, 0.9988518840449299, 4.74017762589682231e-11),
    (0.0, 0.0, 0.925, 0.465593721584081065),
    (1.357282642969781, 0.001, -0.9812268677791122, 6.78975032712051635e-18),
    (0.0, 0.3, -0.14384132469448288, 0.0805187927688001318),
    (1.3813568088686035, 1.0, -0.9999923294515872, 0),
    (2.5, 2.5, 0.925, 0.000866355961067240728),
    (6.000161660468308, 6.0, 0.9791515503482563, 3.44955963662812403e-11),
    (1.9727158040324677, 0.0, 0.08361127947289242, 0.00473681468373185644),
    (0.0, 0.001, 0.9993780996947275, 0.499292561683447041),
    (3.23230069974725, 0.3, -0.925, 3.45184655191138268e-25),
    (1.0, 1.0, -0.948361419295058, 1.1025053617494972e-14),
    (2.5015653253943637, 2.5, -0.7029493410585079, 2.57336208666453627e-14),
    (1.4376483057351068, 6.0, 0.9999999454097046, 7.61801244371962511e-10),
    (0.0, 0.0, 0.925, 0.465593721584081065),
    (1.8533058247796612, 0.001, 0.8996537115425101, 0.0287038232558352816),
    (0.3, 0.3, 0.03477503957828265, 0.076326476553054398),
    (1.0003952682262538, 1.0, -0.9878272990570341, 4.24536336755796431e-44),
    (2.8009762311382995, 2.5, -0.925, 5.26435640405435477e-48),
    (0.0, 6.0, -0.8287860478501857, 3.02118914240704882e-31),
    (1.993365167363251, 0.0, 0.6467707954694546, 0.0149852674082912329),
    (0.001, 0.001, 0.9998149582339413, 0.499110545948797582),
    (0.3002204068795961, 0.3, 0.925, 0.276304392299535114),
    (1.030472661752155, 1.0, 0.934669264337607, 0.0641860035102936231),
    (0.0, 2.5, -0.08644986619860974, 0.000557167854285599471),
    (5.158932209701142, 6.0, -0.9999965227555699, 0),
    (0.0, 0.0, -0.925, 0.00309372158408104266),
    (0.0010004478733963787, 0.001, 0.9565883235593972, 0.478874118125155976),
    (1.9843964786246588, 0.3, 0.4995618427245856, 0.00961605390641060462),
    (0.0, 1.0, 0.9999999258525377, 0.158655242167572595),
    (4.22607003949525, 2.5, 0.925, 4.5928338278786124e-6),
    (6.0, 6.0, -0.9024030764052156, 1.63163311328703449e-168),
    (1.0, 1.0, 1.0, 0.075339783343770753),
    (0.5, 1.5, 1.0, 0.0521538043875557517),
    (0.5, 0.5, -1.0, 0.0),
    (0.001, 0.0, -1.0, 0.0),
  ]

  private func products(
    _ r: [Double], _ h: [Double], _ k: Double, _ kind: renorm_ramp_kind = renorm_ramp_plain,
    level: Int
  ) -> [Double] {
    var values = r
    QuadratureRule(order: 12).withPointer { coarse in
      QuadratureRule(order: 20).withPointer { fine in
        renorm_ramp_products_at(
          .init(UInt32(level)), &values, r.count, h, h.map { normalCumulative(-$0) },
          h.map { normalDensity($0) }, k, normalCumulative(-k), normalDensity(k), coarse, fine, kind)
      }
    }
    return values
  }

  /// A few roundings of numbers of the size of 1 + h k, which multiplies tails.
  @Test(arguments: levels) func references(level: Int) {
    for (h, k, r, value) in Self.references {
      let own = products([r], [h], k, level: level)[0]
      #expect(abs(own - value) < 1e-15, "h \(h), k \(k), r \(r): \(own), \(value)")
    }
  }

  /// R is symmetric in its thresholds, other kinds are differences, and places in a block do not matter.
  @Test(arguments: levels) func blocks(level: Int) {
    let random = RandomGenerator(seed: 8)
    let r = (0..<600).map { i in
      (i % 2 == 0 ? 1.0 : -1) * (i % 3 == 0 ? 1 - 1e-4 * random.uniform() : random.uniform())
    }
    let h = (0..<600).map { i in i % 5 == 0 ? 0.7 : i % 7 == 0 ? 1e8 : 3 * random.uniform() }
    let block = products(r, h, 0.7, level: level)
    let opposite = products(r.map(-), h, 0.7, level: level)
    let odd = products(r, h, 0.7, renorm_ramp_odd, level: level)
    let cut = products(r, h, 0.7, renorm_ramp_cut, level: level)
    let zeros = [Double](repeating: 0, count: r.count)
    let (first, second) = (products(r, h, 0, level: level), products(r, zeros, 0.7, level: level))
    for i in r.indices {
      #expect(products([r[i]], [h[i]], 0.7, level: level)[0] == block[i])
      #expect(abs(products([r[i]], [0.7], h[i], level: level)[0] - block[i]) < 1e-15)
      #expect(abs(cut[i] - (block[i] - first[i] - second[i])) < 1e-15)
      #expect(abs(odd[i] - (block[i] - opposite[i])) < 1e-15)
    }
    #expect(products([], [], 0.7, level: level).isEmpty)
  }
}
