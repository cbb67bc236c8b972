using System.Transactions;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Journal;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerJournalFormatTests
{
    /// <summary>A record as it was written before messages had lifetimes.</summary>
    [Fact]
    public async Task Journal_of_the_first_version_is_read()
    {
        await using var ns = OnDisk();
        ns.Broker.Dispose();
        File.Delete(ns.JournalPath);
        using (var journal = Journal.Open(ns.JournalPath, _ => { }, NullLogger.Instance))
        {
            var record = new RecordWriter();
            record.Byte(1); // Define
            record.Number(9);
            record.Byte(0);
            record.Text(Plain);
            record.Byte(3); // Enqueue
            WriteMessage(record, "old");
            record.Number(1);
            record.Number(9);
            record.Number(5);
            record.Number(2);
            record.Byte(0);
            record.Byte(4); // Schedule
            record.Number(9);
            record.Number(6);
            WriteMessage(record, "later");
            journal.Append(record.Written);
        }

        ns.Restart();
        var message = (await ns.Client.CreateReceiver(Plain).ReceiveMessageAsync())!;
        Assert.Equal(("old", 5, 3), (message.MessageId, message.SequenceNumber, message.DeliveryCount));
        Assert.Equal((TimeSpan.MaxValue, DateTimeOffset.MaxValue), (message.TimeToLive, message.ExpiresAt));
        Assert.Equal(1, ns.Broker.Counts(Plain).Scheduled);
    }

    /// <summary>Wherever the last record is torn: all of a transaction, or nothing.</summary>
    [Fact]
    public async Task Torn_transaction_is_all_gone()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Plain, Message("in", null));
        var receiver = ns.Client.CreateReceiver(Plain);
        var message = (await receiver.ReceiveMessageAsync())!;
        ns.Broker.Kill();
        var before = new FileInfo(ns.JournalPath).Length;
        ns.Restart();
        message = (await receiver.ReceiveMessageAsync())!;
        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await receiver.CompleteMessageAsync(message);
            await ns.Client.CreateSender(Plain).SendMessagesAsync([Message("a", null), Message("b", null)]);
            scope.Complete();
        }

        ns.Broker.Kill();
        var whole = await File.ReadAllBytesAsync(ns.JournalPath);
        Assert.True(whole.Length > before);
        for (var cut = 1; cut < 120; cut += 7)
        {
            await File.WriteAllBytesAsync(ns.JournalPath, whole[..^cut]);
            ns.Restart();
            Assert.Equal(["in"], Ids(await receiver.PeekMessagesAsync(10, 0)));
            ns.Broker.Kill();
        }

        await File.WriteAllBytesAsync(ns.JournalPath, whole);
        ns.Restart();
        Assert.Equal(["a", "b"], Ids(await receiver.PeekMessagesAsync(10, 0)));
    }

    [Fact]
    public async Task Damage_in_the_middle_is_refused_with_the_place_and_changes_nothing()
    {
        await using var ns = OnDisk();
        for (var i = 0; i < 10; i++)
            await ns.SendAsync(Plain, Message(Invariant($"m{i}"), null));
        ns.Broker.Kill();
        var bytes = await File.ReadAllBytesAsync(ns.JournalPath);
        bytes[bytes.Length / 2] ^= 0x40;
        await File.WriteAllBytesAsync(ns.JournalPath, bytes);
        var error = Assert.Throws<InvalidDataException>(() => ns.Restart());

        Assert.Contains("offset", error.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(ns.JournalPath));
    }

    /// <summary>A compaction writes what the first records said, in other words.</summary>
    [Fact]
    public async Task Compaction_keeps_lifetimes()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Plain, new ServiceBusMessage("x") { MessageId = "short", TimeToLive = TimeSpan.FromHours(1) });
        await ns.Client.CreateSender(Plain).ScheduleMessageAsync(
            new ServiceBusMessage("x") { MessageId = "scheduled", TimeToLive = TimeSpan.FromHours(1), TransactionPartitionKey = "p" }, ns.Clock.GetUtcNow().AddHours(2));
        var body = new string('x', 200 * 1024);
        for (var i = 0; i < 400; i++)
        {
            await ns.SendAsync(Work, Message(Invariant($"m{i}"), body: body));
            await using var receiver = await ns.AcceptAsync(Work);
            await receiver.CompleteMessageAsync((await receiver.ReceiveMessageAsync())!);
        }

        Assert.InRange(new FileInfo(ns.JournalPath).Length, 1, 40 * 1024 * 1024);
        ns.Restart(kill: true);
        ns.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal((0, 1), (ns.Broker.Counts(Plain).Active, ns.Broker.Counts(Plain).DeadLettered));
        ns.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("p", (await ns.Client.CreateReceiver(Plain).PeekMessageAsync())!.TransactionPartitionKey);
        ns.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, ns.Broker.Counts(Plain).DeadLettered);
    }

    private static void WriteMessage(RecordWriter record, string id)
    {
        record.Bytes("body"u8);
        record.Number(0);
        record.Text(id);
        for (var i = 0; i < 8; i++)
            record.Text(null);
        record.Number(new DateTime(2027, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks);
        record.Number(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks);
        record.Number(5);
    }
}
