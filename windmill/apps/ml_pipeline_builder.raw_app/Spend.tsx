import { Button, Group, Modal, Text } from "@mantine/core";

import { amount } from "./Cost";
import type { Price } from "./types";

type Props = { price: Price | undefined; target: string; onYes: (hourlyUsd: number) => void; onNo: () => void };

/** What costs money is rented only after a yes to its price, and at no higher one. */
export function Spend({ price, target, onYes, onNo }: Props) {
  return (
    <Modal opened={price !== undefined} onClose={onNo} title={<Text fw={600}>Rent a machine?</Text>} centered transitionProps={{ duration: 120 }}>
      {price && (
        <>
          <Text>
            {price.name} on {target} costs {amount(price.hourly_usd)} until the pipeline is destroyed.
            {price.read_on && ` The price is of ${price.read_on}.`} A dearer machine is not taken.
          </Text>
          <Group justify="flex-end" mt="md">
            <Button variant="default" onClick={onNo} data-autofocus>Cancel</Button>
            <Button onClick={() => onYes(price.hourly_usd)}>Rent for {amount(price.hourly_usd)}</Button>
          </Group>
        </>
      )}
    </Modal>
  );
}
