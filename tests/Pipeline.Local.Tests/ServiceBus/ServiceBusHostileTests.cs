using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transport;
using Pipeline.Local.ServiceBus.Amqp;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

/// <summary>Clients that break the protocol, or ask for too much: nobody else notices, and nothing grows.</summary>
public sealed class ServiceBusHostileTests
{
    private static readonly byte[] Header = [.. "AMQP"u8, 0, 1, 0, 0];
    private static readonly byte[] SaslHeader = [.. "AMQP"u8, 3, 1, 0, 0];

    [Fact]
    public async Task Torn_and_senseless_frames_end_their_connection_only()
    {
        await using var ns = InMemory();
        byte[][] frames =
        [
            [], [0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 4], [0, 0, 0, 7, 2, 0, 0], [0x7f, 0xff, 0xff, 0xff, 2, 0, 0, 0], [0xff, 0xff, 0xff, 0xff],
            [0, 0, 0, 100, 2, 0, 0, 0, 0, 0x53, 0x10], [0, 0, 0, 11, 2, 0, 0, 0, 0, 0x53, 0x12], [0, 0, 0, 12, 2, 0, 0, 0, 0, 0x53, 0x10, 0xc0],
            [0, 0, 0, 17, 2, 0, 0, 0, 0, 0x53, 0x10, 0xd0, 0xff, 0xff, 0xff, 0xff, 0xff],
        ];
        foreach (var header in new[] { Header, SaslHeader, [.. "AMQP"u8], [.. "AMQPxxxx"u8], [.. "AMQP"u8, 2, 1, 0, 0] })
        {
            foreach (var frame in frames)
                await ThrowAwayAsync(ns, [.. header, .. frame]);
        }

        await LeaveNothingAsync(ns);
        await ServesAsync(ns);
    }

    [Fact]
    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "The same noise in every run.")]
    public async Task Noise_in_any_frame_ends_its_connection_only()
    {
        await using var ns = InMemory();
        var random = new Random(11);
        for (var i = 0; i < 200; i++)
        {
            var noise = new byte[random.Next(8, 200)];
            random.NextBytes(noise);
            noise[0] = noise[1] = noise[2] = 0;
            (noise[3], noise[4], noise[5], noise[6], noise[7]) = ((byte)noise.Length, 2, 0, 0, 0);
            if (noise.Length > 12)
                (noise[8], noise[9], noise[10]) = (0, 0x53, (byte)(0x10 + random.Next(9)));
            await ThrowAwayAsync(ns, [.. Header, .. noise]);
        }

        await LeaveNothingAsync(ns);
        await ServesAsync(ns);
    }

    [Fact]
    public async Task Endless_attaches_come_to_an_end()
    {
        await using var ns = InMemory();
        await using var client = await RawClient.OpenAsync(ns);
        var session = await client.SessionAsync();
        var links = 0;
        try
        {
            for (; links < 6000; links++)
            {
                var link = new SendingAmqpLink(session, new AmqpLinkSettings
                {
                    LinkName = Invariant($"l{links}"),
                    Role = false,
                    Source = new Source { Address = "me" },
                    Target = new Target { Address = Plain },
                });
                await link.OpenAsync(TimeSpan.FromSeconds(20));
            }
        }
        catch (Exception error) when (error is AmqpException or OperationCanceledException or InvalidOperationException)
        {
            // That is the end.
        }

        Assert.InRange(links, 1000, 5000);
        await ServesAsync(ns);
    }

    [Fact]
    public async Task Who_gives_credit_and_does_not_read_gets_a_bounded_part_only()
    {
        await using var ns = InMemory();
        var body = new string('x', 100 * 1024);
        for (var i = 0; i < 600; i++)
            await ns.SendAsync(Plain, Message(Invariant($"m{i}"), null, body));
        await using var client = await RawClient.OpenAsync(ns);
        var session = await client.SessionAsync();
        var link = new ReceivingAmqpLink(session, new AmqpLinkSettings
        {
            LinkName = "greedy",
            Role = true,
            TotalLinkCredit = 1_000_000,
            AutoSendFlow = false,
            RcvSettleMode = 1,
            Source = new Source { Address = Plain },
            Target = new Target { Address = "me" },
        });
        link.RegisterMessageListener(_ => client.StopReading());
        await link.OpenAsync(TimeSpan.FromSeconds(20));
        await client.Stopped;
        var locked = -1;
        while (locked != ns.Broker.Counts(Plain).Locked)
        {
            locked = ns.Broker.Counts(Plain).Locked;
            await Task.Delay(500);
        }

        // 60 MB wait; what is on the way is what sockets and buffers take, and at most two rounds of a hundred.
        Assert.InRange(locked, 1, 300);
        await ServesAsync(ns, Work);
    }

    [Fact]
    public async Task Transfer_that_never_ends_ends_its_link()
    {
        await using var ns = InMemory();
        await using var client = await RawClient.OpenAsync(ns);
        var session = await client.SessionAsync();
        var link = new SendingAmqpLink(session, new AmqpLinkSettings
        {
            LinkName = "large",
            Role = false,
            Source = new Source { Address = "me" },
            Target = new Target { Address = Plain },
        });
        await link.OpenAsync(TimeSpan.FromSeconds(20));
        var refused = await SendAsync(link, 300 * 1024, "1");
        Assert.Equal("amqp:link:message-size-exceeded", Assert.IsType<Rejected>(refused).Error.Condition.Value);
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(link, 20 * 1024 * 1024, "2"));

        Assert.Equal(0, ns.Broker.Counts(Plain).Active);
        await ServesAsync(ns);
    }

    [Theory]
    [InlineData("nothing", "amqp:not-found")]
    [InlineData("plain/$DeadLetterQueue", "amqp:not-allowed")]
    [InlineData("", "com.microsoft:argument-error")]
    public async Task Link_to_where_nothing_can_be_sent_is_refused_by_name(string address, string condition)
    {
        await using var ns = InMemory();
        await using var client = await RawClient.OpenAsync(ns);
        var link = new SendingAmqpLink(await client.SessionAsync(), new AmqpLinkSettings
        {
            LinkName = "l",
            Role = false,
            Source = new Source { Address = "me" },
            Target = new Target { Address = address },
        });
        var closed = new TaskCompletionSource();
        link.Closed += (_, _) => closed.TrySetResult();
        await Task.WhenAny(link.OpenAsync(TimeSpan.FromSeconds(20)), closed.Task);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(condition, Assert.IsType<AmqpException>(link.TerminalException).Error.Condition.Value);
    }

    private static Task<Outcome> SendAsync(SendingAmqpLink link, int bytes, string tag) => link.SendMessageAsync(
        AmqpMessage.Create(new Data { Value = new ArraySegment<byte>(new byte[bytes]) }),
        new ArraySegment<byte>(System.Text.Encoding.ASCII.GetBytes(tag)), AmqpConstants.NullBinary, TimeSpan.FromSeconds(20));

    private static async Task ThrowAwayAsync(BrokerNamespace ns, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, ns.Endpoint.Port);
        var stream = client.GetStream();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[1024];
        try
        {
            await stream.WriteAsync(bytes, patience.Token);
            client.Client.Shutdown(SocketShutdown.Send);

            // The server answers what it likes, and ends.
            while (await stream.ReadAsync(buffer, patience.Token) > 0)
            {
            }
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            // A reset is an end, too.
        }
    }

    private static async Task LeaveNothingAsync(BrokerNamespace ns)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (ns.Endpoint.Connections > 0)
            await Task.Delay(10, patience.Token);
    }

    private static async Task ServesAsync(BrokerNamespace ns, string queue = Plain)
    {
        await using var client = ns.Connect();
        await client.CreateSender(queue).SendMessageAsync(Message("sane", queue == Plain ? null : "s1"));
        await using var receiver = queue == Plain ? client.CreateReceiver(queue) : await client.AcceptNextSessionAsync(queue);
        var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("sane", message.MessageId);
        await receiver.CompleteMessageAsync(message);
    }

    /// <summary>An AMQP client that may do what the official one never does.</summary>
    private sealed class RawClient : IAsyncDisposable
    {
        private readonly TcpClient _tcp = new();
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private AmqpConnection? _connection;

        public Task Stopped => _stopped.Task;

        public static async Task<RawClient> OpenAsync(BrokerNamespace ns)
        {
            var client = new RawClient();
            await client._tcp.ConnectAsync(IPAddress.Loopback, ns.Endpoint.Port);
            var stream = client._tcp.GetStream();
            var transport = new StreamTransport(new StoppableStream(stream, client._stopped.Task), stream, "test");
            transport.Open();
            var settings = new AmqpSettings();
            var provider = new AmqpTransportProvider();
            provider.Versions.Add(new AmqpVersion(1, 0, 0));
            settings.TransportProviders.Add(provider);
            client._connection = new AmqpConnection(transport, settings, new AmqpConnectionSettings { ContainerId = "raw", HostName = "localhost" });
            await client._connection.OpenAsync(TimeSpan.FromSeconds(20));
            return client;
        }

        public async Task<AmqpSession> SessionAsync()
        {
            var session = _connection!.CreateSession(new AmqpSessionSettings());
            await session.OpenAsync(TimeSpan.FromSeconds(20));
            return session;
        }

        public void StopReading() => _stopped.TrySetResult();

        public ValueTask DisposeAsync()
        {
            _connection!.Abort();
            _tcp.Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>Reads nothing any more once it is told to stop.</summary>
        private sealed class StoppableStream(Stream inner, Task stopped) : Stream
        {
            public override bool CanRead => true;

            public override bool CanSeek => false;

            public override bool CanWrite => false;

            public override long Length => throw new NotSupportedException();

            public override long Position
            {
                get => throw new NotSupportedException();
                set => throw new NotSupportedException();
            }

            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                if (stopped.IsCompleted)
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                return await inner.ReadAsync(buffer, cancellationToken);
            }

            public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();

            public override void Flush()
            {
            }
        }
    }
}
