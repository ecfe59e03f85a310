/**
 * Listens on a host for a test of its network, with what Debian's perl-base has. The first line of standard input is a word and ports
 * (`WORD tcp/6443 udp/8472`); it answers with `bound` or `busy` for each and `ready`, and from then on sends the word to whoever comes. It
 * ends with its standard input, or when that has been silent for a minute and a half.
 */
export const perlListener = `
use strict; use Socket qw(:all); $| = 1; $SIG{PIPE} = "IGNORE"; $0 = "muster-probe";
my $line = "";
while (sysread(STDIN, my $byte, 1)) { last if $byte eq "\\n"; $line .= $byte; }
my ($word, @ports) = split / /, $line;
my %sockets = (0 => ["life", \\*STDIN]);
for my $name (@ports) {
  my ($protocol, $port) = split m{/}, $name;
  my ($socket, $bound);
  for my $family (AF_INET6, AF_INET) {
    socket($socket, $family, $protocol eq "tcp" ? SOCK_STREAM : SOCK_DGRAM, 0) or next;
    setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, pack("i", 0)) if $family == AF_INET6;
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, pack("i", 1)) if $protocol eq "tcp";
    my $place = $family == AF_INET6 ? pack_sockaddr_in6($port, IN6ADDR_ANY) : pack_sockaddr_in($port, INADDR_ANY);
    $bound = bind($socket, $place) && ($protocol eq "udp" || listen($socket, 1024));
    last if $bound;
  }
  $sockets{fileno($socket)} = [$protocol, $socket] if $bound;
  print $bound ? "bound" : "busy", " $name\\n";
}
print "ready\\n";
while (1) {
  my $bits = "";
  vec($bits, $_, 1) = 1 for keys %sockets;
  my $count = select($bits, undef, undef, 90);
  exit if $count == 0;
  next if $count < 0;
  for my $number (grep { vec($bits, $_, 1) } keys %sockets) {
    my ($kind, $socket) = @{$sockets{$number}};
    if ($kind eq "tcp") {
      accept(my $guest, $socket) or next;
      setsockopt($guest, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0));
      syswrite($guest, "$word\\n");
      $sockets{fileno($guest)} = ["guest", $guest];
    } elsif ($kind eq "udp") {
      my $from = recv($socket, my $data, 200, 0);
      send($socket, "$word\\n", 0, $from) if defined $from && index($data, $word) == 0;
    } elsif (!sysread($socket, my $data, 100)) {
      exit if $kind eq "life";
      delete $sockets{$number};
      close $socket;
    }
  }
}
`;

/**
 * Asks other hosts. Standard input: `WORD SECONDS`, then lines `PROTOCOL ADDRESS PORT KIND`, where the kind is `bound` for a listener of
 * ours, which sends the word, and `busy` for another program, of which only a connection is wanted. Answers each with
 * `PROTOCOL ADDRESS PORT RESULT`: ok, refused, unreachable, timeout, other.
 */
export const perlProbe = `
use strict; use Socket qw(:all); use Fcntl; use Errno; $| = 1; $SIG{PIPE} = "IGNORE";
chomp(my @lines = <STDIN>);
my ($word, $seconds) = split / /, shift @lines;
my %jobs;
sub done { my ($number, $result) = @_; my $job = delete $jobs{$number}; print "$job->{name} $result\\n"; close $job->{socket}; }
sub failed { $!{ECONNREFUSED} ? "refused" : $!{EHOSTUNREACH} || $!{ENETUNREACH} || $!{EACCES} || $!{EPERM} ? "unreachable" : $!{ETIMEDOUT} ? "timeout" : "other" }
while (my @some = splice(@lines, 0, 200)) {
  for (@some) {
    my ($protocol, $address, $port, $kind) = split / /;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    my $packed = inet_pton($family, $address);
    my $place = $family == AF_INET6 ? pack_sockaddr_in6($port, $packed) : pack_sockaddr_in($port, $packed);
    my $name = "$protocol $address $port";
    socket(my $socket, $family, $protocol eq "tcp" ? SOCK_STREAM : SOCK_DGRAM, 0) or do { print "$name ", failed(), "\\n"; next };
    fcntl($socket, F_SETFL, O_NONBLOCK);
    $jobs{fileno($socket)} = { socket => $socket, name => $name, kind => $kind, protocol => $protocol, connected => $protocol eq "udp" };
    if (!connect($socket, $place) && !$!{EINPROGRESS}) { done(fileno($socket), failed()); next }
    send($socket, $word, 0) if $protocol eq "udp";
  }
  my $end = time() + $seconds;
  while (%jobs && time() <= $end) {
    my ($reads, $writes) = ("", "");
    for my $number (keys %jobs) { if ($jobs{$number}{connected}) { vec($reads, $number, 1) = 1 } else { vec($writes, $number, 1) = 1 } }
    my $count = select($reads, $writes, undef, 0.5);
    if ($count < 1) { for (values %jobs) { send($_->{socket}, $word, 0) if $_->{protocol} eq "udp" } next }
    for my $number (keys %jobs) {
      my $job = $jobs{$number};
      if (vec($writes, $number, 1)) {
        $! = unpack("i", getsockopt($job->{socket}, SOL_SOCKET, SO_ERROR));
        if ($! != 0) { done($number, failed()) } elsif ($job->{kind} eq "busy") { done($number, "ok") } else { $job->{connected} = 1 }
      } elsif (vec($reads, $number, 1)) {
        my $got = sysread($job->{socket}, my $data, 200);
        done($number, !defined $got ? failed() : index($data, $word) == 0 ? "ok" : "other");
      }
    }
  }
  done($_, "timeout") for keys %jobs;
}
`;
