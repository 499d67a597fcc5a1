# SPDX-License-Identifier: GPL-2.0-or-later
# Plots what tests/bench/pcc measured: gnuplot -e "from='build/bench'; to='docs'" tests/bench/pcc.gp
set terminal pngcairo size 900,480 font "sans,11"
set datafile separator "\t"
set grid ytics lc rgb "#dddddd"
set logscale x
set key outside right top

set output to."/flows-broken.png"
set title "Connections to living backends broken by changes, 100 backends, a million open"
set xlabel "changes a second"
set ylabel "broken, per million"
set yrange [-10000:*]
file = from."/pcc.tsv"
plot file using ($1==100 ? $2 : 1/0):4 with linespoints lw 2 pt 7 title "table only", \
     file using ($1==100 ? $2 : 1/0):5 with linespoints lw 2 pt 5 title "LRU, same bytes", \
     file using ($1==100 ? $2 : 1/0):6 with linespoints lw 2 pt 9 title "JET, same bytes", \
     file using ($1==100 ? $2 : 1/0):3 with linespoints lw 2 pt 13 title "leat"

set output to."/flows-full.png"
set title "A flow table too small: 100 backends, one change a second, a million open"
set xlabel "words of leat's flow table (8 bytes each; the LRU gets the same bytes)"
set autoscale y
set yrange [-5000:*]
file = from."/pcc-full.tsv"
plot file using 1:4 with linespoints lw 2 pt 7 title "table only", \
     file using 1:3 with linespoints lw 2 pt 5 title "LRU, same bytes", \
     file using 1:2 with linespoints lw 2 pt 13 title "leat"
