using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.Functions;
using Pipeline.Local.ServiceBus;
using Pipeline.Outbox;

namespace Pipeline.Tests;

/// <summary>
/// G3: whatever goes wrong on the way, every consumer handles the facts of every subject in sequence; and every order ends,
/// with stock and money adding up. Each test runs the whole app on the embedded platform.
/// </summary>
public sealed class OrderTests
{
    private static readonly int Orders = TestLoad.Of(60);

    [Fact]
    public async Task G3_G4_A_tenth_of_all_messages_delivered_twice_changes_nothing()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        pipeline.Platform.Broker.DuplicateMessages(0.1, new Random(7));
        var orders = await pipeline.PlaceOrdersAsync(Orders);
        var (completed, cancelled) = await pipeline.SettleAndCheckAsync(orders);
        Assert.True(completed > 0 && cancelled > 0);
    }

    [Fact]
    public async Task G3_Two_instances_and_leases_that_move_keep_the_order()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        var second = await pipeline.AddHostAsync();
        var orders = await pipeline.PlaceOrdersAsync(Orders, "before");
        await pipeline.StopAsync(second);
        orders.AddRange(await pipeline.PlaceOrdersAsync(Orders, "between"));
        await pipeline.AddHostAsync();
        orders.AddRange(await pipeline.PlaceOrdersAsync(Orders, "after"));
        await pipeline.SettleAndCheckAsync(orders);
    }

    [Fact]
    public async Task G3_One_instance_per_function_works_as_all_in_one()
    {
        // In Azure every function scales on its own instances: nothing may depend on sharing a process.
        var httpFunctions = RunningPipeline.FunctionNames.Where(IsHttp).ToList();
        await using var pipeline = await RunningPipeline.StartAsync(functions: string.Join(',', httpFunctions));
        foreach (var function in RunningPipeline.FunctionNames.Except(httpFunctions))
            await pipeline.AddHostAsync(function);
        await pipeline.SettleAndCheckAsync(await pipeline.PlaceOrdersAsync(Orders / 2));
    }

    [Fact]
    public async Task G2_G3_A_relay_whose_sends_fail_at_random_loses_nothing_and_keeps_the_order()
    {
        await using var pipeline = await RunningPipeline.StartAsync(services =>
        {
            services.AddSingleton(new RelayOptions { SendAttempts = 3, SweepAge = TimeSpan.FromSeconds(1) });

            // The client would hide most failures, and pause for seconds of real time after each.
            services.AddSingleton(provider => new ServiceBusClient(
                provider.GetRequiredService<IConfiguration>()[PipelineNames.ServiceBus], new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0 } }));
        });
        var random = new Random(11);
        pipeline.Platform.Broker.OnSend = (_, _) =>
        {
            double roll;
            lock (random)
                roll = random.NextDouble();
            return new ValueTask<SendFault>(roll switch
            {
                < 0.15 => SendFault.FailBeforeAccepting(new BrokerException("out of order", BrokerFailure.GeneralError)),
                < 0.3 => SendFault.AcceptThenFail(),
                _ => SendFault.None,
            });
        };
        var orders = await pipeline.PlaceOrdersAsync(Orders);
        await pipeline.Http.WaitUntilFinalAsync(orders);
        pipeline.Platform.Broker.OnSend = null;
        await pipeline.SettleAndCheckAsync(orders);
    }

    [Fact]
    public async Task G3_A_sweep_that_races_the_feed_makes_duplicates_at_worst()
    {
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton(new RelayOptions { SweepAge = TimeSpan.Zero }));
        using var stop = new CancellationTokenSource();
        var relays = pipeline.Services.GetRequiredService<Relays>();
        var sweeping = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await Task.WhenAll(relays.All.Select(r => r.SweepAsync(CancellationToken.None)));
                await Task.Delay(1);
            }
        });
        var orders = await pipeline.PlaceOrdersAsync(Orders);
        await pipeline.Http.WaitUntilFinalAsync(orders);
        await stop.CancelAsync();
        await sweeping;
        await pipeline.SettleAndCheckAsync(orders);
    }

    private static bool IsHttp(string function) =>
        Deployment.AppFunctions.Methods
            .Single(m => m.GetCustomAttributes(typeof(Microsoft.Azure.Functions.Worker.FunctionAttribute), false)
                .OfType<Microsoft.Azure.Functions.Worker.FunctionAttribute>().Any(f => f.Name == function))
            .GetParameters().Any(p => p.GetCustomAttributes(typeof(Microsoft.Azure.Functions.Worker.HttpTriggerAttribute), false).Length > 0);
}
