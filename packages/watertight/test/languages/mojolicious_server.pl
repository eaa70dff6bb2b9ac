# An echo on Debian's libmojolicious-perl. The argument says what is wrong with it: `healthy`, or `file` (a file a connection).
use strict;
use warnings;
use Mojolicious::Lite -signatures;
use Mojo::Server::Daemon;

my $fault = shift @ARGV // 'healthy';
my @kept;

websocket '/' => sub ($c) {
  open my $journal, '>', '/dev/null' or die "no journal: $!";
  push @kept, $journal if $fault eq 'file';
  $c->inactivity_timeout(300);
  $c->on(text => sub ($c, $message) { $c->send($message) });
  $c->on(binary => sub ($c, $bytes) { $c->send({binary => $bytes}) });
  $c->on(finish => sub { undef $journal });
};

app->log->level('fatal');
my $daemon = Mojo::Server::Daemon->new(app => app, listen => ['http://127.0.0.1'], silent => 1);
$daemon->start;
$| = 1;
print 'listening on ws://127.0.0.1:' . $daemon->ports->[0] . "\n";
$daemon->ioloop->start;
