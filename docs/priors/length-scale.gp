# Draw with: gnuplot docs/priors/length-scale.gp, from the folder of the project.
set terminal pngcairo size 1500,900 font ',17' linewidth 2
set output 'docs/images/length-scale.png'
set datafile separator ','
file = 'docs/priors/length-scale.csv'
set multiplot layout 2,3 margins 0.07,0.985,0.11,0.9 spacing 0.055,0.05
set border linewidth 0.5
set xrange [-0.4:6.4]
panels = "S F both"
names(k) = k == 1 ? 'readout prior S' : k == 2 ? 'filter prior F' : 'both, l_F = 4 l_S'
widths = "infinite 2000 500 125"
labels(k) = k == 1 ? 'infinite N' : 'N = '.word(widths, k)
array color[4] = ['#808080', '#0072B2', '#009E73', '#D55E00']
rows(p, w) = sprintf("< awk -F, '$1 == \"%s\" && $3 == \"%s\"' %s", word(panels, p), word(widths, w), file)
style = "with linespoints linecolor rgb color[%d] pointtype %d pointsize %.1f dashtype %d title labels(%d)"
curve(w, column) = sprintf("rows(p, %d) using 2:%d ".style, w, column, w, w == 1 ? 6 : 7, w == 1 ? 1.4 : 0.9, w == 1 ? 2 : 1, w)
draw(column) = "plot ".curve(1, column).", ".curve(2, column).", ".curve(3, column).", ".curve(4, column)
do for [p=1:3] {
  set title names(p)
  set yrange [0.5:0.78]
  set xtics ("" 0, "" 1, "" 2, "" 3, "" 4, "" 5, "" 6)
  if (p == 1) { set ylabel 'generalization error'; set format y '%.2f' } else { unset ylabel; set format y '' }
  if (p == 3) { set key top center } else { unset key }
  eval draw(5)
}
unset title
unset key
do for [p=1:3] {
  set yrange [0.72:0.88]
  if (p == 2) { set xtics ("0" 0, "1" 1, "2" 2, "4" 3, "8" 4, "16" 5, "∞" 6); set xlabel 'length scale / pixels' } else {
    set xtics ("0" 0, "0.5" 1, "1" 2, "2" 3, "4" 4, "8" 5, "∞" 6)
    set xlabel p == 1 ? 'length scale / positions (4 pixels)' : 'length scale of S / positions'
  }
  if (p == 1) { set ylabel 'accuracy'; set format y '%.2f' } else { unset ylabel; set format y '' }
  eval draw(8)
}
unset multiplot
