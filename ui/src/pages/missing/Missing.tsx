import { NotThere } from '@/part/Refusal';

export default function Missing() {
  return <NotThere />;
}
