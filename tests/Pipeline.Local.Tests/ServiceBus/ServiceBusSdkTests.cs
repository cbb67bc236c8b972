using Azure.Messaging.ServiceBus;

namespace Pipeline.Tests;

public sealed class ServiceBusSdkTests
{
    [Fact]
    public void New_message_has_the_defaults_of_the_sdk()
    {
        var message = new ServiceBusMessage();

        Assert.Null(message.MessageId);
        Assert.Null(message.SessionId);
        Assert.Equal(TimeSpan.MaxValue, message.TimeToLive);
        Assert.Equal(default, message.ScheduledEnqueueTime);
        Assert.Empty(message.ApplicationProperties);
        Assert.Empty(message.Body.ToArray());
    }

    [Fact]
    public void Ids_over_128_characters_are_refused_when_they_are_set()
    {
        var message = new ServiceBusMessage { MessageId = new string('x', 128), SessionId = new string('x', 128) };

        Assert.Throws<ArgumentOutOfRangeException>(() => message.MessageId = new string('x', 129));
        Assert.Throws<ArgumentOutOfRangeException>(() => message.SessionId = new string('x', 129));
        Assert.Throws<ArgumentException>(() => message.MessageId = "");
    }

    [Fact]
    public void Partition_key_equals_the_session_id()
    {
        var message = new ServiceBusMessage { PartitionKey = "p", SessionId = "s" };

        Assert.Equal("s", message.PartitionKey);
        Assert.Throws<ArgumentOutOfRangeException>(() => message.PartitionKey = "other");
    }

    [Fact]
    public void Model_factory_builds_a_received_message()
    {
        var token = Guid.NewGuid();
        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(
            BinaryData.FromString("body"),
            messageId: "m",
            sessionId: "s",
            properties: new Dictionary<string, object> { ["DeadLetterReason"] = "Poison" },
            lockTokenGuid: token,
            deliveryCount: 4,
            sequenceNumber: 17,
            enqueuedTime: DateTimeOffset.UnixEpoch);

        Assert.Equal(("body", "m", "s"), (message.Body.ToString(), message.MessageId, message.SessionId));
        Assert.Equal((4, 17L), (message.DeliveryCount, message.SequenceNumber));
        Assert.Equal((token.ToString(), "Poison"), (message.LockToken, message.DeadLetterReason));
        Assert.Equal(DateTimeOffset.UnixEpoch, message.EnqueuedTime);
        Assert.Null(message.DeadLetterSource);
    }

    [Fact]
    public void Model_factory_builds_a_batch_that_keeps_its_messages_where_the_test_sees_them()
    {
        var kept = new List<ServiceBusMessage>();
        using var batch = ServiceBusModelFactory.ServiceBusMessageBatch(500, kept, tryAddCallback: _ => kept.Count < 1);

        Assert.True(batch.TryAddMessage(new ServiceBusMessage("a")));
        Assert.False(batch.TryAddMessage(new ServiceBusMessage("b")));
        Assert.Single(kept);
        Assert.Equal(500, batch.SizeInBytes);
    }

    [Fact]
    public void Exception_is_transient_if_its_reason_is()
    {
        Assert.True(new ServiceBusException("m", ServiceBusFailureReason.ServiceBusy).IsTransient);
        Assert.False(new ServiceBusException("m", ServiceBusFailureReason.SessionLockLost, "q").IsTransient);
        Assert.Equal("q", new ServiceBusException(true, "m", "q").EntityPath);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SharedAccessKeyName=k;SharedAccessKey=v")]
    [InlineData("Endpoint=nonsense")]
    public void Connection_string_without_an_endpoint_is_refused(string connectionString)
    {
        Assert.ThrowsAny<Exception>(() => new ServiceBusClient(connectionString));
    }
}
