import Testing

@testable import RenormPlot

@Suite struct GnuplotTextTests {
  @Test func plainTextIsEscaped() {
    #expect(GnuplotText.plain("a_b^c{d}@e&f~g").markup == #"a\_b\^c\{d\}\@e\&f\~g"#)
    #expect(GnuplotText.plain("two\nlines\t").markup == "two lines ")
    #expect(GnuplotText.plain(#"C:\x"#).markup == #"C:{\134}x"#)
  }
}
