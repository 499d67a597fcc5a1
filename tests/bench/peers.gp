# SPDX-License-Identifier: GPL-2.0-or-later
# Plots what tests/bench/peers --plot measured: gnuplot -e "from='build/bench'; to='docs'" tests/bench/peers.gp
# Each figure has three columns of peers.tsv: median, min, max.
set terminal pngcairo size 1100,420 font "sans,10"
set datafile separator "\t"
set datafile missing "?"
set grid ytics lc rgb "#dddddd"
set style fill solid 0.7 border lc rgb "black"
set xtics rotate by 35 right
set offsets 0.5, 0.5, 0, 0
set logscale y
set lmargin 8
set rmargin 1
unset key
file = from."/peers.tsv"
bars(n) = 2 + 3 * n

set output to."/peers-time.png"
set multiplot layout 1,4 title "Processor time of the balancer alone (medians; lines: from the best to the worst round)"
set title "a UDP packet, ns"
plot file using 0:(column(bars(1))):(column(bars(1)+1)):(column(bars(1)+2)):(0.6):xtic(1) with boxerrorbars lc rgb "#4477aa"
set title "one of a new flow, ns"
plot file using 0:(column(bars(2))):(column(bars(2)+1)):(column(bars(2)+2)):(0.6):xtic(1) with boxerrorbars lc rgb "#4477aa"
set title "a new connection, us"
plot file using 0:(column(bars(4))):(column(bars(4)+1)):(column(bars(4)+2)):(0.6):xtic(1) with boxerrorbars lc rgb "#4477aa"
set title "an HTTP request, us"
plot file using 0:(column(bars(6))):(column(bars(6)+1)):(column(bars(6)+2)):(0.6):xtic(1) with boxerrorbars lc rgb "#4477aa"
unset multiplot

set output to."/peers-latency.png"
set multiplot layout 1,3 title "HTTP over 32 connections as fast as they go, client and servers on the same two cores"
unset logscale y
set yrange [0:*]
set title "requests a second"
plot file using 0:(column(bars(5))):(column(bars(5)+1)):(column(bars(5)+2)):(0.6):xtic(1) with boxerrorbars lc rgb "#228833"
set title "latency of 99 in 100, ms"
plot file using 0:(column(bars(8))):(column(bars(8)+1)):(column(bars(8)+2)):(0.6):xtic(1) with boxerrorbars lc rgb "#aa3377"
set title "latency of 999 in 1,000, ms"
plot file using 0:(column(bars(9))):(column(bars(9)+1)):(column(bars(9)+2)):(0.6):xtic(1) with boxerrorbars lc rgb "#aa3377"
unset multiplot
