using System.Text.Json;
using Pipeline.Inbox;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Identifiers of the core: each is a type of its own, stored as the plain text or number that it always was.</summary>
public sealed class IdentifierTests
{
    [Fact]
    public void What_was_never_set_is_not_taken_for_an_identifier()
    {
        Assert.Throws<InvalidOperationException>(() => default(Partition).Value);
        Assert.Throws<InvalidOperationException>(() => default(Partition).ToString());
        Assert.Throws<ArgumentNullException>(() => new Partition(null!));
        Assert.Throws<InvalidOperationException>(() => default(ConsumerName).Value);
        Assert.Throws<ArgumentNullException>(() => new ConsumerName(null!));
        Assert.Throws<InvalidOperationException>(() => default(DeadLetterId).Value);
        Assert.Throws<ArgumentNullException>(() => new DeadLetterId(null!));
        Assert.Throws<InvalidOperationException>(() => default(CloudEventId).Value);
        Assert.Throws<ArgumentNullException>(() => new CloudEventId(null!));
    }

    [Fact]
    public void Identifiers_are_equal_as_ordinal_text()
    {
        Assert.Equal(new Partition("b-1"), new Partition(string.Concat("b-", "1")));
        Assert.NotEqual(new Partition("b-1"), new Partition("O-1"));
        Assert.NotEqual(new ConsumerName("a/b"), new ConsumerName("a/B"));
        Assert.Equal("booking b-1", $"booking {new Partition("b-1")}");
    }

    [Fact]
    public void A_head_is_stored_with_plain_text()
    {
        var head = new PartitionHead { Partition = new Partition("b-1") };
        head.ChangePositionOf(new ConsumerName("bookings/charges")).Blocked = new DeadLetterId("dl:1");

        var stored = JsonSerializer.SerializeToElement(head, StorageJson.Default.PartitionHead);

        Assert.Equal("b-1", stored.GetProperty("pk").GetString());
        Assert.Equal("dl:1", stored.GetProperty("consumers").GetProperty("bookings/charges").GetProperty("blocked").GetString());
        using var document = JsonDocument.Parse(stored.GetRawText());
        var read = PartitionHead.Parse("bookings", head.Partition, document);
        Assert.Equal((new Partition("b-1"), new DeadLetterId("dl:1")), (read.Partition, read.PositionOf(new ConsumerName("bookings/charges")).Blocked!.Value));
    }

    [Fact]
    public void An_identifier_that_a_record_lacks_makes_it_unreadable()
    {
        const string Whole = """{"id":"in:1","pk":"b-1","consumer":"a/b","eventId":"a:b-1:1","type":"t","source":"a","ttl":1,"correlationId":"c","handledAt":"2026-01-31T08:00:00+00:00","commit":1}""";
        Assert.Equal(new CloudEventId("a:b-1:1"), JsonSerializer.Deserialize(Whole, InboxJson.Default.InboxRecord)!.EventId);

        foreach (var damaged in new[] { Whole.Replace("\"pk\":\"b-1\",", ""), Whole.Replace("\"b-1\"", "null"), Whole.Replace("\"a/b\"", "7") })
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(damaged, InboxJson.Default.InboxRecord));
    }
}
