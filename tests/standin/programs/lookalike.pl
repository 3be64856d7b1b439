# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# A program of a stand-in host: hands its arguments to the control port and plays back the answer.
#
# In Perl, which every Debian has, because it starts ten times faster than Python: an upgrade calls such programs a hundred times.
# For the same reason it loads no module: with strict and warnings alone its start takes twice as long.
# Linux cuts an exit code to 8 bits, Windows has 32. So the whole code also goes to the file that STANDIN_EXIT_CODE_FILE names, if a
# caller needs more than zero or not zero.

my ($AF_INET, $SOCK_STREAM) = (2, 1);
my $RPC_SERVER_UNAVAILABLE = 1722;

sub quoted {
    my ($text) = @_;
    $text =~ s/([\\"])/\\$1/g;
    $text =~ s/([\x00-\x1f])/sprintf '\u%04x', ord $1/ge;
    return qq("$text");
}

sub ask {
    my ($request) = @_;
    open my $file, '<', "$ENV{STANDIN_HOST}/control" or die "no control port: $!\n";
    my ($address, $port) = <$file> =~ /^(.*):(\d+)\s*$/ or die "no address in the file control\n";
    socket my $connection, $AF_INET, $SOCK_STREAM, 0 or die "$!\n";
    connect $connection, pack('S n C4 x8', $AF_INET, $port, split /\./, $address) or die "$!\n";
    syswrite($connection, $request) == length $request or die "the request was cut short\n";
    my $answer = <$connection>;
    die "the stand-in host closed the connection without an answer\n" unless defined $answer;
    return $answer;
}

sub field {
    my ($answer, $name) = @_;
    my ($found) = $answer =~ /"$name": "?([^",}=]*)/ or die "the answer has no $name\n";
    return $found;
}

# Base64 by way of uuencode, which Perl reads by itself: other letters, and lines that begin with their length.
sub decoded {
    my ($text) = @_;
    $text =~ tr{A-Za-z0-9+/}{ -_};
    return join '', map { unpack 'u', chr(32 + length($_) * 3 / 4) . $_ } $text =~ /(.{1,60})/g;
}

# How it has to refuse, before or after it has done its work: an exit code, `killed`, `hangs`, or `late`.
sub refuse {
    my ($how) = @_;
    kill 'KILL', $$ if $how eq 'killed';
    return ($how, "ERROR ( message:refused )\r\n", '') if $how ne 'hangs' && $how ne 'late';
    open my $file, '>', "$ENV{STANDIN_EXIT_CODE_FILE}.endless" or die "$!\n";
    exit if $how eq 'late';
    sleep;
}

my ($program) = $0 =~ m{([^/]*?)(?:\.[^./]*)?$};
$program = lc $program;
my $arguments = join ', ', map { quoted($_) } @ARGV;
my ($code, $stdout, $stderr) = ($RPC_SERVER_UNAVAILABLE, '', '');
my ($when, $how) = split / /, $ENV{STANDIN_REFUSAL} // '';
eval {
    return ($code, $stdout, $stderr) = refuse($how) if defined $when && $when eq 'before';
    my $answer = ask(sprintf qq({"program": %s, "arguments": [%s], "pid": %d}\n), quoted($program), $arguments, $$);
    ($code, $stdout, $stderr) = (field($answer, 'exit_code'), map { decoded(field($answer, $_)) } qw(stdout stderr));
    ($code, $stdout, $stderr) = refuse($how) if defined $when;
    1;
} or do {
    $stderr = "$program: the stand-in host does not answer on its control port: $@";
};
binmode STDOUT;
binmode STDERR;
print STDOUT $stdout;
print STDERR $stderr;
if (defined $ENV{STANDIN_EXIT_CODE_FILE}) {
    open my $file, '>', $ENV{STANDIN_EXIT_CODE_FILE} or die "$ENV{STANDIN_EXIT_CODE_FILE}: $!\n";
    print {$file} $code;
    close $file;
}
exit($code < 256 ? $code : ($code & 0xFF) || 1);
